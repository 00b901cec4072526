"""The ledger as an admin reads it: finding, looking at one message, deciding about it."""

import html
import re

import pytest
from sqlalchemy import select, update

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.ledger.models import Effect, State
from ffapp.messaging.models import EmailLog
from ffapp.people.consent import Purpose
from ffapp.people.consent_records import record_consent
from ffapp.people.invite import invite
from ffapp.web.kit import list_view
from tests.browse import flashed
from tests.web.admin.looking import hidden, queries_of


@pytest.fixture
def session(cast, worker):
    """A class of which everybody was told, and its reminders are planned."""
    session = cast.schedule("Pricing", hours=30)
    worker.drain()
    return session


def effect(**equal):
    db.session.rollback()
    return db.session.scalars(
        select(Effect).filter_by(**equal).order_by(Effect.id.desc()).limit(1)
    ).one()


def make(effect, state, reason, **more):
    """Put an effect into a state, as the ledger would."""
    effect.state, effect.reason, effect.settled_at = state, reason, clock.now()
    for name, value in more.items():
        setattr(effect, name, value)
    db.session.commit()
    return f"/admin/messages/{effect.id}"


def rows(page):
    return page.text.split("<tbody>")[1].split("</tbody>")[0]


def text(page):
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.text).split()))


def test_a_personal_link_that_failed_says_whose_it_is(client, cast, session):
    db.session.execute(
        update(Effect)
        .where(Effect.kind == "zoom.register")
        .values(state="failed", reason="Zoom says no.", settled_at=clock.now())
    )
    db.session.commit()

    card = client.get(f"/admin/classes/{session.id}").text
    see_each = html.unescape(re.search(r'href="([^"]+)">See each<', card).group(1))
    listed = rows(client.get(see_each))
    found = rows(client.get("/admin/messages?kind=zoom.register&q=asha"))

    for person in (cast.asha, cast.ravi, cast.kabir):
        assert person.name in listed
    assert cast.asha.name in found
    assert cast.ravi.name not in found
    assert ">Retry<" in card


def test_the_page_of_a_personal_link_says_whose_it_is_and_speaks_of_no_message(
    client, cast, session
):
    mine = effect(kind="zoom.register", key=key_of_link(cast.asha))

    page = text(client.get(make(mine, "uncertain", "Zoom did not answer.")))

    assert "Make a personal link, for Asha Rao" in page
    assert "For Asha Rao" in page
    assert "Nobody knows whether it happened" in page
    assert "Ask Zoom now" in page
    assert "Ask Asha" not in page


def key_of_link(person):
    links = select(Effect).where(Effect.kind == "zoom.register")
    return next(
        each.key for each in db.session.scalars(links) if each.payload["person_id"] == person.id
    )


def test_the_list_says_to_whom_what_and_how_it_went(client, cast, session):
    page = text(client.get("/admin/messages/each?kind=all"))

    assert "Class scheduled E-mail · “Pricing” Asha Rao asha@students.example" in page
    assert "Guardian of Kabir, the guardian, has refused this." in page
    assert "Make the Zoom meeting Zoom · “Pricing”" in page
    assert "Delivered" in page


def test_messages_stand_by_notice_and_subject_and_lead_to_each(client, cast, session):
    page = client.get("/admin/messages")

    (group,) = re.findall(r"<tr>.*?</tr>", rows(page), re.DOTALL)
    told = html.unescape(re.sub(r"<[^>]+>", " ", group))
    assert " ".join(told.split()).startswith("Class scheduled “Pricing” E-mail")
    assert "Zoom" not in told, "what is done at Zoom stands behind a filter"
    each = client.get(html.unescape(re.search(r'class="row-link" href="([^"]+)"', group).group(1)))
    assert "Asha Rao" in rows(each)
    assert "a day before" not in rows(each)
    ahead = text(client.get("/admin/messages?when=ahead"))
    assert ahead.index("15 minutes before") > ahead.index("a day before")


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [
        ("?state=withheld", ["Kabir Shah"], ["Asha Rao"]),
        ("?state=sent&kind=email", ["Asha Rao"], ["Kabir Shah", "Zoom meeting"]),
        ("?kind=zoom", ["Make the Zoom meeting"], ["Class scheduled"]),
        ("?kind=zoom.delete", ["No message fits"], ["Make the Zoom meeting"]),
        ("?rule=class_reminder_24h", ["Reminder, a day before"], ["Class scheduled"]),
        ("?q=kabir", ["Kabir Shah"], ["Asha Rao"]),
        ("?q=RAVI@students", ["Ravi Menon"], ["Asha Rao"]),
        ("?q=has%20refused", ["Kabir Shah"], ["Ravi Menon"]),
        ("?q=%25", ["No message fits"], ["Asha Rao"]),
        ("?subject=class=0", ["No message fits"], ["Asha Rao"]),
    ],
)
def test_messages_are_found_by_what_stands_in_the_address(client, session, query, found, missing):
    shown = rows(client.get(f"/admin/messages{query}"))

    for words in found:
        assert words in shown
    for words in missing:
        assert words not in shown


def test_a_subject_line_is_found_too(client, session):
    sheet = db.session.scalars(select(EmailLog)).first().sheet

    page = client.get("/admin/messages", query_string={"q": sheet.subject[3:20]})

    assert "Asha Rao" in rows(page)
    assert "Kabir Shah" not in rows(page)


def test_one_person_and_one_class_are_named_and_can_be_let_go(client, cast, session):
    page = client.get(f"/admin/messages?person={cast.asha.id}&subject=class={session.id}")

    assert "Ravi Menon" not in rows(page)
    assert "To Asha Rao" in page.text
    assert "About “Pricing”" in page.text
    assert f'href="/admin/messages/each?subject=class%3D{session.id}"' in page.text


def test_the_chips_count_what_the_other_filters_leave(client, cast, session):
    page = text(client.get(f"/admin/messages?state=sent&person={cast.asha.id}"))

    assert "All 3 Planned 2" in page
    assert "Sent 1" in page


def test_what_is_planned_is_listed_with_the_next_one_first(client, cast, session):
    shown = rows(client.get("/admin/messages?state=planned"))

    assert shown.index("a day before") < shown.index("15 minutes before")


def test_a_message_is_shown_as_its_recipient_saw_it(client, cast, session):
    url = f"/admin/messages/{effect(person_id=cast.asha.id, state='sent').id}"

    page = client.get(url)
    body = client.get(f"{url}/body", lint=False)

    assert "As it was sent" in page.text
    assert "Pricing" in page.text
    assert f'<iframe src="{url}/body"' in page.text
    assert "Hello Asha" in body.text
    assert "-first_name" not in body.text
    assert "Because Vikram Rao scheduled “Pricing” for" in text(page)
    assert "What SendGrid says" in page.text
    assert "Accepted" in page.text
    assert "/v3/mail/send" in page.text


def test_the_body_may_show_its_styles_and_nothing_else(client, cast, session):
    sent = effect(person_id=cast.asha.id, state="sent")

    policy = client.get(f"/admin/messages/{sent.id}/body", lint=False).headers[
        "Content-Security-Policy"
    ]

    assert "default-src 'none'; style-src 'unsafe-inline'" in policy
    assert "frame-ancestors 'self'" in policy
    assert policy.endswith("sandbox")
    assert client.get(f"/admin/messages/{effect(kind='zoom.create').id}/body").status_code == 404
    client.sign_in(cast.asha)
    assert client.get(f"/admin/messages/{sent.id}/body").status_code == 403


def test_one_that_has_not_gone_is_shown_as_it_would_go_now(client, cast, session):
    planned = effect(person_id=cast.ravi.id, rule="class_reminder_24h")

    page = client.get(f"/admin/messages/{planned.id}")

    assert "As it would go now" in page.text
    assert "It has not been tried yet." in page.text
    assert "hx-trigger" not in page.text.split('id="message"')[1].split(">")[0]
    body = client.get(f"/admin/messages/{planned.id}/body", lint=False)
    assert "Hello Ravi" in body.text


def test_a_secret_link_is_shown_to_nobody_but_its_recipient(client, cast, worker, mailbox):
    transaction(invite, cast.tara, cast.admin)
    worker.drain()
    url = f"/admin/messages/{effect(rule='invitation').id}"
    (mail,) = mailbox("tara@students.example")
    token = re.search(r"/links/(\S+)", mail["text"]).group(1)

    for path in (url, f"{url}/body"):
        shown = client.get(path, lint=False).text
        assert token not in shown
    assert "•••" in client.get(url).text
    assert "Because Vikram Rao sent an invitation." in text(client.get(url))


def test_a_planned_message_can_be_cancelled_once(client, cast, session):
    planned = effect(person_id=cast.asha.id, rule="class_reminder_24h")
    url = f"/admin/messages/{planned.id}"
    data = {"verb": "cancel", "submission": hidden(client.get(url), "submission")}

    first = client.post(f"{url}/decisions", data=data)
    twin = client.post(f"{url}/decisions", data=data)

    assert first.status_code == twin.status_code == 303
    page = client.get(url)
    assert "Cancelled" in flashed(page)
    assert "Vikram Rao cancelled it." in page.text
    assert "cancelled it before it went" in page.text
    assert effect(id=planned.id).state == State.CANCELLED


def test_a_failed_message_is_tried_again(client, cast, session, worker, mailbox):
    url = make(effect(person_id=cast.asha.id, state="sent"), State.FAILED, "SendGrid said no.")
    before = len(mailbox(cast.asha.email))

    page = client.get(url)
    assert "SendGrid said no." in page.text
    client.post(f"{url}/decisions", data={"verb": "retry"})
    assert 'hx-trigger="every 2s"' in client.get(url).text
    worker.drain()

    assert len(mailbox(cast.asha.email)) == before + 1
    page = client.get(url)
    assert "Try 2" in page.text
    assert "every 2s" not in page.text


def test_an_uncertain_message_is_sent_again_only_after_a_plain_warning(client, cast, session):
    url = make(effect(person_id=cast.asha.id, state="sent"), State.UNCERTAIN, "No answer.")

    page = client.get(url).text

    assert "Nobody knows whether it arrived" in page
    assert "Asha may get it twice" in page
    assert "Send again" in page
    client.post(f"{url}/decisions", data={"verb": "confirm"})
    page = client.get(url).text
    assert "Vikram Rao found out that it arrived." in page
    assert "Send again" not in page


@pytest.mark.parametrize("verb", ["retry", "cancel", "confirm"])
def test_what_is_too_late_is_said_in_words(client, cast, session, verb):
    sent = effect(person_id=cast.asha.id, state="sent")

    answer = client.post(f"/admin/messages/{sent.id}/decisions", data={"verb": verb})

    assert answer.status_code == 409
    assert "This is sent now; it cannot be changed any more." in answer.text
    assert db.session.scalar(select(Event).where(Event.name.startswith("effect_"))) is None


def test_a_verb_that_does_not_exist_is_refused(client, cast, session):
    url = f"/admin/messages/{effect(state='sent').id}/decisions"

    assert client.post(url, data={"verb": "delete"}).status_code == 400
    assert client.post(url).status_code == 400


def test_the_page_refreshes_its_own_part_while_it_is_sent(client, cast, session):
    url = make(effect(person_id=cast.asha.id, state="sent"), State.SENDING, "It is being sent.")

    part = client.get(url, headers={"HX-Request": "true", "HX-Target": "message"})

    assert part.text.lstrip().startswith('<div class="stack" id="message" hx-get=')
    assert "<html" not in part.text
    asks = html.unescape(re.search(r'hx-get="([^"]+)"', part.text).group(1))
    assert client.get(asks, headers={"HX-Request": "true"}).status_code == 204
    assert client.get(asks).status_code == 200


def test_an_act_at_zoom_has_a_page_of_its_own(client, cast, session):
    page = text(client.get(f"/admin/messages/{effect(kind='zoom.create').id}"))

    assert "Make the Zoom meeting" in page
    assert "About “Pricing”" in page
    assert "/users/" in page
    assert queries_of(client, f"/admin/messages/{effect(kind='zoom.create').id}") <= 15


def test_a_withheld_message_says_why_and_shows_what_it_would_have_said(client, cast, session):
    withheld = effect(person_id=cast.kabir.id, state="withheld")

    page = client.get(f"/admin/messages/{withheld.id}").text

    assert "has refused this." in page
    assert "As it would have gone" in page


def test_the_file_of_a_message_can_be_saved(client, session):
    told = effect(rule="class_scheduled", state="sent")
    page = client.get(f"/admin/messages/{told.id}")
    path = f"/admin/messages/{told.id}/files/0"
    assert f'href="{path}"' in page.text
    assert f"class-{session.id}.ics text/calendar" in text(page)

    answer = client.get(path)

    assert answer.data.startswith(b"BEGIN:VCALENDAR")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=class-")
    assert client.get(path.replace("/files/0", "/files/1")).status_code == 404
    reminder = effect(rule="class_reminder_15min")
    assert client.get(f"/admin/messages/{reminder.id}/files/0").status_code == 404


def test_a_long_list_is_counted_up_to_a_bound(client, cast, worker, monkeypatch):
    monkeypatch.setattr(list_view, "COUNTED_UP_TO", 1)
    cast.schedule("Week 3", hours=30)
    worker.drain()

    page = client.get("/admin/messages/each").text

    assert re.search(r'state=sent"[^>]*>Sent <span class="count">1\+<', page)
    assert '<span class="tabular">1+</span> messages' in page


def test_what_will_be_withheld_says_so_while_it_is_planned(client, cast, sign_in, worker):
    """Kabir's guardian has refused; when she agrees, nothing is to be withheld any more."""
    session = cast.schedule(hours=40)
    worker.drain()
    sign_in(cast.admin)
    planned = f"/admin/messages/each?subject=class%3D{session.id}&state=planned"

    assert "Will be withheld: " in client.get(planned).text
    shown = client.get(f"/admin/classes/{session.id}").text
    assert "1 will be withheld: " in shown
    assert "has refused this" in shown

    for purpose in Purpose:
        transaction(record_consent, cast.kabir.guardians[0], purpose, True, cast.admin)
    worker.drain()
    assert "Will be withheld" not in client.get(planned).text
