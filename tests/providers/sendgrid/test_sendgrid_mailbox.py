"""The mailbox among the control pages: what the simulated SendGrid took, as its reader sees it."""

import re

from ffapp.providers.sendgrid.client import SendGridClient
from tests.providers.receiver import read

from .conftest import mail

HTML = (
    "<html><head><title>x</title></head><body style='color:teal'><p>Hello -first_name-</p>"
    "<a href='http://localhost/invitations/abc'>Accept</a><script>alert(1)</script></body></html>"
)


def send(sendgrid: SendGridClient, *emails: str, **changes: str) -> None:
    text = "Join at http://localhost/join/7"
    sendgrid.send(mail(*emails, **{"text": text, "html": HTML, **changes}))


def shown_ids(page: str) -> list[str]:
    return re.findall(r"/mailbox/(\d+)", page)


def test_the_mailbox_is_newest_first_and_can_be_searched(pages, sendgrid) -> None:
    send(sendgrid, "asha@example.com")
    send(sendgrid, "kabir@example.com", subject="100% <b>new</b>")
    page = read(pages, "/mailbox")
    assert page.index("100% &lt;b&gt;new") < page.index("Hello P1")
    assert shown_ids(read(pages, "/mailbox?q=hello+p1")) == shown_ids(page)[1:]
    assert shown_ids(read(pages, "/mailbox?q=100%25")) == shown_ids(page)[:1]
    assert shown_ids(read(pages, "/mailbox?to=kabir%40example.com")) == shown_ids(page)[:1]
    assert "No mail matches" in read(pages, "/mailbox?q=_")
    assert "No mail matches" in read(pages, "/mailbox?to=nobody@example.com")


def test_long_lists_have_pages_that_keep_the_filter(pages, sendgrid) -> None:
    send(sendgrid, *(f"p{number}@example.com" for number in range(30)))
    first = read(pages, "/mailbox?q=person")
    assert len(shown_ids(first)) == 25
    assert "30 mails, page 1 of 2" in first
    assert 'href="/mailbox?q=person&amp;page=2"' in first
    assert len(shown_ids(read(pages, "/mailbox?q=person&page=2"))) == 5
    assert len(shown_ids(read(pages, "/mailbox?page=99"))) == 5
    assert len(shown_ids(read(pages, "/mailbox?page=x"))) == 25


def test_a_message_shows_everything_that_is_known(pages, sendgrid) -> None:
    send(sendgrid, "kabir+bounce@example.com")
    (mail_id,) = shown_ids(read(pages, "/mailbox"))
    page = read(pages, f"/mailbox/{mail_id}")
    assert "Hello P1" in page
    assert '<a href="http://localhost/join/7" rel="noopener noreferrer" target="_top">' in page
    assert f'src="/mailbox/{mail_id}/html"' in page
    assert 'sandbox="allow-top-navigation-by-user-activation' in page
    assert "allow-scripts" not in page
    assert "allow-same-origin" not in page
    assert "bounce (bounce)" in page
    assert "550 5.1.1" in page
    assert "not posted to us yet" in page
    assert 'href="/journal?effect=1"' in page


def test_a_message_shows_the_events_of_its_reader_only(pages, sendgrid) -> None:
    send(sendgrid, "asha@example.com", "dropped@example.com")
    dropped, asha = shown_ids(read(pages, "/mailbox"))
    assert read(pages, f"/mailbox/{asha}").count('<span class="at">') == 2
    assert read(pages, f"/mailbox/{dropped}").count('<span class="at">') == 1


def test_the_mail_in_the_frame_can_do_nothing_but_lead_away(pages, sendgrid) -> None:
    send(sendgrid, "asha@example.com")
    (mail_id,) = shown_ids(read(pages, "/mailbox"))
    answer = pages.get(f"/mailbox/{mail_id}/html")
    assert answer.text.startswith('<html><head><base target="_top"><title>')
    assert "Hello P1" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "; sandbox allow-top-navigation-by-user-activation" in policy
    assert "script" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_mail_without_html_has_no_frame(pages, sendgrid) -> None:
    send(sendgrid, "asha@example.com", html="")
    (mail_id,) = shown_ids(read(pages, "/mailbox"))
    assert "<iframe" not in read(pages, f"/mailbox/{mail_id}")
    assert pages.get(f"/mailbox/{mail_id}/html").status_code == 404
