"""Each recipient reads a message in their own language, also within one batch."""

import pytest
from sqlalchemy import select

from ffapp.core.db import db, transaction
from ffapp.core.i18n import language
from ffapp.ledger.models import Effect
from ffapp.messaging import compose, markup, templates
from ffapp.messaging.notice import Wording
from ffapp.notices.kit.registry import all_notices
from ffapp.notifications.models import Notification

EDITABLE = [each for each in all_notices() if each.is_editable]


@pytest.fixture
def in_hindi(cast):
    cast.asha.language = "hi"
    db.session.commit()


def mail_of(mailbox, person):
    (mail,) = [each for each in mailbox(person.email) if "Pricing" in str(each)]
    return mail


def test_a_class_is_announced_to_each_student_in_their_language(cast, worker, mailbox, in_hindi):
    session = cast.schedule("Pricing", hours=30)
    worker.drain()

    hindi, english = mail_of(mailbox, cast.asha), mail_of(mailbox, cast.ravi)
    assert "एक क्लास तय हुई है" in hindi["text"]
    assert 'lang="hi"' in hindi["html"]
    assert "a class was scheduled" in english["text"]
    states = select(Effect.state).where(
        Effect.subject == session.subject,
        Effect.kind == "email",
        Effect.rule == "class_scheduled",
        Effect.person_id.in_([cast.asha.id, cast.ravi.id]),
    )
    assert db.session.scalars(states).all() == ["sent", "sent"]


def test_the_bell_says_it_in_the_language_of_its_owner(cast, worker, in_hindi):
    session = cast.schedule("Pricing", hours=30)
    worker.drain()

    lines = select(Notification.title).where(Notification.subject == session.subject)
    assert "को है" in db.session.scalar(lines.where(Notification.person_id == cast.asha.id))
    assert "Pricing is on" in db.session.scalar(lines.where(Notification.person_id == cast.ravi.id))


def test_a_text_that_an_admin_wrote_goes_to_everybody_as_it_is(cast, worker, mailbox, in_hindi):
    wording = Wording("News of {{ title }}", "Written by us about {{ title }}.")
    transaction(templates.save, "class_scheduled", wording, 0, cast.admin)

    cast.schedule("Pricing", hours=30)
    worker.drain()

    assert "Written by us about Pricing." in mail_of(mailbox, cast.asha)["text"]
    assert "Written by us about Pricing." in mail_of(mailbox, cast.ravi)["text"]


@pytest.mark.parametrize("notice", EDITABLE, ids=lambda notice: notice.name)
def test_a_translated_text_can_be_sent_and_says_all_that_the_english_one_does(notice):
    english = notice.standard
    with language("hi"):
        hindi = notice.standard

    assert hindi.text != english.text
    assert compose.problems(notice, hindi) == []
    for before, after in ((english.subject, hindi.subject), (english.text, hindi.text)):
        assert names_in(notice, after) == names_in(notice, before)


def names_in(notice, text):
    lines = markup.parse(text, notice.variables)
    return sorted(name for line in lines for name in markup.names_in(line.parts))
