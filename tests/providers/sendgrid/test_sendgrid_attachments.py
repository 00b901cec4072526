"""Files that go with a mail: over the wire, into the mailbox, and out of it again."""

import base64
import json
import re

import httpx
import pytest

from ffapp.providers.sendgrid.client import Attachment, MailRefused, SendGridClient
from tests.browse import check_html

from .conftest import mail

ICS = Attachment("class-7.ics", "text/calendar", "BEGIN:VCALENDAR\r\nमूल्य\r\n".encode())
NOTE = Attachment("notes.txt", "text/plain", b"Bring a price.")


def test_what_goes_over_the_wire(settings) -> None:
    seen: list[httpx.Request] = []
    transport = httpx.MockTransport(lambda request: seen.append(request) or httpx.Response(202))

    client = SendGridClient(settings.providers["sendgrid"], transport)
    client.send(mail("asha@example.com", attachments=[ICS]))
    client.send(mail("asha@example.com"))

    assert "attachments" not in json.loads(seen[1].content)
    assert json.loads(seen[0].content)["attachments"] == [
        {
            "content": base64.b64encode(ICS.content).decode(),
            "filename": "class-7.ics",
            "type": "text/calendar",
            "disposition": "attachment",
        }
    ]


def test_a_type_with_parameters_is_refused_as_a_whole(sendgrid) -> None:
    odd = Attachment("class-7.ics", "text/calendar; charset=utf-8", b"x")

    with pytest.raises(MailRefused, match=r"attachments\.0\.type") as refused:
        sendgrid.send(mail("asha@example.com", "ravi@example.com", attachments=[odd]))

    assert not refused.value.divisible


def test_the_mailbox_names_the_files_and_gives_them_back(pages, sendgrid) -> None:
    sendgrid.send(mail("asha@example.com", "ravi@example.com", attachments=[ICS, NOTE]))
    mail_id = re.search(r"/mailbox/(\d+)", pages.get("/mailbox").text).group(1)

    page = pages.get(f"/mailbox/{mail_id}").text
    check_html(page, "message")
    assert "class-7.ics" in page
    assert f"text/calendar, {len(ICS.content)} bytes" in page

    for index, file in enumerate((ICS, NOTE)):
        answer = pages.get(f"/mailbox/{mail_id}/files/{index}")
        assert answer.data == file.content
        name = f"attachment; filename={file.filename}"
        assert answer.headers["Content-Disposition"] == name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert pages.get(f"/mailbox/{mail_id}/files/2").status_code == 404
    assert pages.get("/mailbox/999999/files/0").status_code == 404


def test_a_name_that_no_header_takes_is_made_harmless(pages, sendgrid) -> None:
    sendgrid.send(mail("asha@example.com", attachments=[Attachment('मू"ल्य.ics', "text/x", b"x")]))
    mail_id = re.search(r"/mailbox/(\d+)", pages.get("/mailbox").text).group(1)

    answer = pages.get(f"/mailbox/{mail_id}/files/0")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].isascii()
