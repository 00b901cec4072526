"""At 18 a student decides alone; a guardian's answers count no longer."""

from datetime import date

import pytest

from ffapp.core.db import db, transaction
from ffapp.people import age, come_of_age
from ffapp.people.change import change_person
from ffapp.people.consent import Purpose, agreed_to, consent_of
from ffapp.people.models import Consent, Person
from ffapp.people.privacy_notice import VERSION
from ffapp.programme.enrol import Newcomer
from ffapp.programme.enrol_many import invite_student


def turn(person, years, travel):
    """Today is the person's birthday."""
    day = age.today()
    person.born_on = day.replace(year=day.year - years)
    db.session.commit()


@pytest.mark.parametrize(
    ("born_on", "today", "adult"),
    [
        (date(2008, 12, 2), date(2026, 12, 1), False),
        (date(2008, 12, 1), date(2026, 12, 1), True),
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
        (date(2010, 3, 1), date(2028, 2, 29), False),
        (date(2010, 2, 28), date(2028, 2, 29), True),
        (None, date(2026, 12, 1), False),
    ],
)
def test_the_birthday_itself_counts(monkeypatch, born_on, today, adult):
    monkeypatch.setattr(age, "today", lambda: today)

    assert age.is_adult(Person(born_on=born_on)) is adult


def test_on_the_birthday_they_are_asked_once_and_a_guardian_counts_no_more(
    cast, worker, travel, mailbox
):
    turn(cast.asha, 18, travel)

    for _ in range(2):
        come_of_age.come_of_age(timestamp=0)
        worker.drain()

    (mail,) = mailbox(cast.asha.email)
    assert "/me/consent" in mail["text"]
    assert agreed_to(Purpose.ACCOUNT, [cast.asha.id, cast.ravi.id]) == {cast.ravi.id}
    cast.schedule(hours=30)
    worker.drain()
    assert len(mailbox(cast.asha.email)) == 1, "no news of classes before they decide"


def test_a_date_of_birth_that_makes_an_adult_asks_them_at_once(cast, worker, mailbox):
    facts = {"name": cast.asha.name, "email": cast.asha.email, "phone": None}
    born_on = date(2000, 1, 1)
    transaction(change_person, cast.asha, revision=1, born_on=born_on, by=cast.admin, **facts)
    come_of_age.come_of_age(timestamp=0)
    worker.drain()

    assert [each["subject"] for each in mailbox()] == ["You are 18: now you decide yourself"]


def test_an_adult_decides_on_a_page_of_their_own(client, cast, worker, mailbox):
    client.sign_in(cast.ravi)
    assert client.get("/me/consent").status_code == 404, "a guardian decides for a child"
    turn(cast.asha, 18, None)
    client.sign_in(cast.asha)
    page = client.get("/me/consent").text
    assert "checked" not in page
    assert client.post("/me/consent", data={}).status_code == 422

    answer = client.post("/me/consent", data={"account": "yes", "zoom": "no"})

    assert answer.status_code == 303
    assert "You said yes" in client.get("/me/consent").text
    assert (consent_of(cast.asha, "account"), consent_of(cast.asha, "zoom")) == (True, False)
    row = db.session.scalars(db.select(Consent).order_by(Consent.id.desc())).first()
    assert (row.guardian_id, row.method, row.notice_version) == (None, "account", VERSION)
    cast.schedule(hours=30)
    worker.drain()
    assert mailbox(cast.asha.email)


def test_an_adult_newcomer_needs_no_guardian_and_is_invited_at_once(cast, worker, travel, mailbox):
    newcomer = Newcomer(
        name="Dev Rana",
        email="dev@students.example",
        phone=None,
        guardian_name=None,
        guardian_email=None,
        agreed=None,
        born_on=date(2000, 1, 1),
    )
    transaction(invite_student, cast.cohort, newcomer, cast.admin)
    worker.drain()
    travel.forward(seconds=61)
    worker.drain()

    (mail,) = mailbox()
    assert mail["to"] == "dev@students.example"
    assert "/links/" in mail["text"]
