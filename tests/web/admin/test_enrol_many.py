"""Enrolling several students together, and undoing it."""

import pytest
from sqlalchemy import func, select

from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.notifications.models import Notification
from ffapp.programme.enrol import enrol, enrolment_of, withdraw
from ffapp.programme.models import Enrolment
from tests.browse import flashed
from tests.web.admin.bulk import follow, notice_url, undo

pytestmark = pytest.mark.usefixtures("travel")


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


def messages_of(person):
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


def test_undo_takes_the_seats_back_as_if_they_had_never_been(
    client, cast, press, worker, mailbox, travel
):
    cast.schedule(hours=40)
    worker.drain()
    travel.forward(seconds=1)
    page = press(cast.tara)
    worker.drain()
    assert messages_of(cast.tara) == {"planned": 3}  # two reminders, and the classes ahead

    said = undo(client, page)
    worker.drain()

    assert "Undone: 1 seat is taken back. Nobody was told." in said
    assert enrolment_of(cast.cohort, cast.tara) is None
    assert messages_of(cast.tara) == {"cancelled": 3}
    assert mailbox(cast.tara.email) == []
    assert db.session.scalars(select(Notification).filter_by(person_id=cast.tara.id)).all() == []
    assert "took the new seat of Tara Bose" in client.get(f"/admin/cohorts/{cast.cohort.id}").text


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
