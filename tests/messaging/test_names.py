"""Names and titles as people write them, on every channel: nothing breaks a header."""

import re

import pytest
from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.notifications.models import Notification
from ffapp.people.consent_records import record_consent
from ffapp.people.models import Person
from tests.notices.occasions import NOW

HOSTILE = [
    "Asha\r\nBcc: everybody@x.example",
    'Asha "the boss" Rao',
    "Rao, Asha; Menon <ravi@x.example>",
    "=?utf-8?q?Asha?=",
    "<b>Asha</b> & Co",
    "आशा राव 🚀",
    "👩‍👩‍👧‍👦 Asha",
    "O’Neil-İpek",
]


@pytest.fixture
def asha(cast):
    """She gets every channel."""
    cast.asha.phone = "+919876500001"
    db.session.commit()
    transaction(record_consent, cast.asha.guardians[0], "whatsapp", True, cast.admin)
    return cast.asha


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_goes_through_every_channel_as_one_line(cast, asha, worker, mailbox, phone, name):
    asha.name = name
    db.session.commit()
    cast.schedule("Pricing", hours=30)
    worker.drain()

    (mail,) = mailbox(asha.email)
    assert not {"\r", "\n", ",", ";"} & set(mail["name"])
    first_name = "Asha;" if name.startswith("Rao, ") else name.split()[0]
    assert mail["name"] == first_name.translate(str.maketrans(",;", "  ")).strip()
    assert f"Hello {first_name}" in mail["text"]
    assert "<b>Asha</b>" not in mail["html"]
    assert not [each for each in mailbox() if each["to"] not in (asha.email, cast.ravi.email)]
    (chat,) = phone(asha.phone)
    assert chat["name"] == first_name


@pytest.mark.parametrize("title", [HOSTILE[0], HOSTILE[4], HOSTILE[5]])
def test_a_title_that_is_typed_reads_the_same_everywhere(
    cast, asha, client, worker, mailbox, phone, travel, title
):
    travel.to(NOW)  # in thirty hours it is day
    client.sign_in(cast.admin)
    session = cast.schedule("Pricing", hours=30)
    worker.drain()
    begins = clock.local(session.starts_at, session.time_zone)
    form = {"title": title, "revision": session.revision, "host": session.zoom_host_email}
    form |= {"day": f"{begins:%Y-%m-%d}", "at": f"{begins:%H:%M}", "minutes": 60}
    answer = client.post(f"/admin/classes/{session.id}/edit", data=form)
    assert answer.status_code == 303, re.findall("<li><a.*?</a>", answer.text)
    worker.drain()
    travel.forward(seconds=61)  # for so long it can be undone
    worker.drain()

    line = " ".join(title.split())
    db.session.refresh(session)
    assert session.title == line
    mail = mailbox(asha.email)[-1]
    assert line in mail["subject"]
    assert "\n" not in mail["subject"]
    assert line in mail["text"]
    bell = db.session.scalars(
        select(Notification).filter_by(person_id=asha.id).order_by(Notification.id.desc())
    ).first()
    assert line in bell.title + bell.body
    assert any(line in each for each in phone(asha.phone)[-1]["params"])


@pytest.mark.parametrize("words", [HOSTILE[0], HOSTILE[4], HOSTILE[5]])
def test_an_announcement_says_what_was_typed(cast, asha, client, worker, travel, mailbox, words):
    client.sign_in(cast.admin)
    text = {"subject": words, "body": f"{words}\n\nनमस्ते {{{{ first_name }}}} 🎉"}
    client.post("/admin/announcements", data={**text, "id": asha.id})
    travel.forward(minutes=2)
    worker.drain()

    (mail,) = mailbox(asha.email)
    assert mail["subject"] == " ".join(words.split())
    assert "नमस्ते Asha 🎉" in mail["text"]
    assert "<b>Asha</b>" not in mail["html"]
    assert db.session.scalars(select(Person.email).where(Person.email == mail["to"])).one()
