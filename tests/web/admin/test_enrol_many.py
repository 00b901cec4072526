"""Enrolling several students together, and undoing it."""

import pytest
from sqlalchemy import func, select

from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.notifications.models import Notification
from ffapp.people.consent import record_consent
from ffapp.people.invite import add_guardian, add_person
from ffapp.people.models import Role
from ffapp.programme.cohorts import create_cohort
from ffapp.programme.enrol import enrol, enrolment_of, withdraw
from ffapp.programme.models import Enrolment
from tests.browse import flashed
from tests.web.admin.bulk import follow, notice_url, undo


@pytest.fixture(autouse=True)
def admin(client, cast, travel):
    client.sign_in(cast.admin)


def student(cast, name):
    person = add_person(name, f"{name.split()[0].lower()}@students.example", Role.STUDENT, by=None)
    record_consent(add_guardian(person, "G"), "classes", True, cast.admin)
    return person


@pytest.fixture
def press(client, cast):
    def press(*people):
        ids = [person.id for person in people]
        url = f"/admin/cohorts/{cast.cohort.id}/enrolments/several"
        return follow(client, client.post(url, data={"id": ids}))

    return press


def enrolled(cast):
    db.session.expire_all()
    rows = select(Enrolment.person_id).where(Enrolment.withdrawn_at.is_(None))
    return set(db.session.scalars(rows))


def reminders(person):
    rows = select(Effect.state, func.count()).where(Effect.person_id == person.id)
    return dict(db.session.execute(rows.group_by(Effect.state)).all())


def test_those_who_have_no_seat_can_be_chosen(client, cast):
    page = client.get(f"/admin/cohorts/{cast.cohort.id}/enrolments/new?q=a").text

    assert "Choose Tara Bose" in page
    assert "Choose Meera Iyer" in page
    assert "Choose Asha Rao" not in page


def test_several_get_a_seat_each_and_the_page_says_until_when_it_can_be_undone(cast, press, travel):
    page = press(cast.tara, cast.meera, cast.asha)

    assert {cast.tara.id, cast.meera.id} <= enrolled(cast)
    said = flashed(page)
    assert "2 students are enrolled in Winter 2026." in said
    assert 'data-seconds="60"' in page.text


def test_who_does_not_fit_is_named_and_the_others_have_their_seats(cast, press):
    cast.cohort.seats = 4
    db.session.commit()

    said = flashed(press(cast.tara, cast.meera))

    assert "Meera Iyer is enrolled in Winter 2026. No seat was left for Tara Bose." in said
    assert cast.tara.id not in enrolled(cast)


def test_when_no_seat_is_left_nobody_is_enrolled_and_nothing_can_be_undone(cast, press):
    cast.cohort.seats = 3
    db.session.commit()

    said = flashed(press(cast.tara))

    assert "No seat was left for Tara Bose" in said
    assert "Undo" not in said


def test_undo_takes_the_seats_back_as_if_they_had_never_been(client, cast, press, worker, mailbox):
    cast.schedule(hours=40)
    worker.drain()
    page = press(cast.tara)
    worker.drain()
    assert reminders(cast.tara) == {"planned": 2}

    said = undo(client, page)
    worker.drain()

    assert "Undone: 1 seat is taken back. Nobody was told." in said
    assert enrolment_of(cast.cohort, cast.tara) is None
    assert reminders(cast.tara) == {"cancelled": 2}
    assert mailbox(cast.tara.email) == []
    assert db.session.scalars(select(Notification).filter_by(person_id=cast.tara.id)).all() == []
    assert "took the new seat of Tara Bose" in client.get(f"/admin/cohorts/{cast.cohort.id}").text


def test_undo_before_the_worker_has_looked_leaves_no_trace_either(
    client, cast, press, worker, mailbox
):
    cast.schedule(hours=40)
    worker.drain()

    undo(client, press(cast.tara))
    worker.drain()

    assert reminders(cast.tara) == {}
    assert db.session.scalars(select(Notification).filter_by(person_id=cast.tara.id)).all() == []


def test_undo_leaves_others_and_those_that_changed_since(client, cast, press, travel):
    page = press(cast.tara, cast.meera)
    travel.forward(seconds=5)
    transaction(withdraw, enrolment_of(cast.cohort, cast.tara), cast.admin)
    travel.forward(seconds=5)
    transaction(enrol, cast.cohort, cast.tara, cast.admin)

    said = undo(client, page)

    assert "Undone: 1 seat is taken back." in said
    assert enrolled(cast) == {cast.asha.id, cast.ravi.id, cast.kabir.id, cast.tara.id}


def test_who_was_withdrawn_before_is_withdrawn_again_since_then(client, cast, press, travel):
    before = enrolment_of(cast.cohort, cast.meera).withdrawn_at
    travel.forward(minutes=5)

    undo(client, press(cast.meera))

    db.session.expire_all()
    assert enrolment_of(cast.cohort, cast.meera).withdrawn_at == before


def test_a_form_that_is_sent_twice_is_one_batch(client, cast):
    url = f"/admin/cohorts/{cast.cohort.id}/enrolments/several"
    data = {"id": [cast.tara.id], "submission": "a" * 32}

    client.post(url, data=data)
    page = follow(client, client.post(url, data=data))

    assert "Tara Bose is enrolled" in flashed(page)
    assert cast.tara.id in enrolled(cast)


def test_the_way_back_stands_on_the_page_of_the_cohort_for_a_minute(client, cast, press, travel):
    press(cast.tara, cast.meera)
    page = client.get(f"/admin/cohorts/{cast.cohort.id}")
    assert "2 students were enrolled just now" in page.text
    assert "Undo" not in flashed(page)

    said = flashed(follow(client, client.post(notice_url(page))))

    assert "Undone: 2 seats are taken back." in said
    assert "just now" not in client.get(f"/admin/cohorts/{cast.cohort.id}").text
    press(cast.tara)
    travel.forward(seconds=60)
    assert "just now" not in client.get(f"/admin/cohorts/{cast.cohort.id}").text


def test_another_cohort_says_nothing_of_it(client, cast, press):
    press(cast.tara)
    names = ("starts_on", "ends_on", "seats", "time_zone")
    facts = {name: getattr(cast.cohort, name) for name in names}
    other = transaction(create_cohort, name="Other", **facts, by=cast.admin)

    assert "just now" not in client.get(f"/admin/cohorts/{other.id}").text


def test_nobody_chosen_says_so(press):
    assert "Choose students who are not enrolled here yet" in flashed(press())


def test_many_names_are_asked_for_in_one_go(cast, press):
    several = [transaction(student, cast, f"Pupil{n} Das") for n in range(3)]

    assert "3 students are enrolled" in flashed(press(*several))
