"""Links that end: of who has left, and of whose name a guardian refuses."""

import random

import pytest

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.meetings import meeting_refresh
from ffapp.meetings.models import PersonalLink
from ffapp.meetings.personal_links import link_of
from ffapp.people.consent_records import record_consent
from ffapp.programme.enrol import enrol, enrolled_people, enrolment_of, withdraw
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import meetings, state
from tests.at_zoom import effects, told_to_zoom
from tests.ledger.pupils import follow_events
from tests.processes import witness


@pytest.fixture
def leave(cast):
    return lambda person: transaction(withdraw, enrolment_of(cast.cohort, person), cast.admin)


@pytest.fixture
def say(cast):
    """The guardian of a student says yes or no."""

    def say_it(student, granted, purpose="zoom"):
        (guardian,) = student.guardians
        transaction(record_consent, guardian, purpose, granted, cast.admin)

    return say_it


def let_in():
    """The names of those whose links work at Zoom."""
    db.session.rollback()
    return sorted(
        f"{each['first_name']} {each['last_name']}".strip()
        for each in store.find("zoom", "registrant")
        if each["status"] == "approved"
    )


def states(session, kind="zoom.unregister"):
    return [each.state for each in effects(session, kind)]


def test_who_comes_back_has_another_link_under_another_address(session, worker, cast, leave):
    first = link_of(session, cast.asha)
    for _ in range(2):
        leave(cast.asha)
        worker.drain()
        transaction(enrol, cast.cohort, cast.asha, cast.admin)
        worker.drain()

    assert link_of(session, cast.asha) not in (None, first)
    mine = db.select(PersonalLink.address).filter_by(person_id=cast.asha.id)
    assert len(set(db.session.scalars(mine))) == 3
    assert let_in() == ["Asha", "Ravi", f"Student {cast.kabir.id}"]
    witness.assert_nothing_twice()


def test_a_guardian_who_takes_the_word_back_takes_the_name_from_zoom(session, worker, cast, say):
    first = link_of(session, cast.asha)
    say(cast.asha, False)
    worker.drain()

    assert let_in() == sorted(["Ravi", f"Student {cast.asha.id}", f"Student {cast.kabir.id}"])
    assert link_of(session, cast.asha) not in (None, first)


def test_a_guardian_who_agrees_later_gives_the_name_from_the_next_class_on(
    session, worker, cast, say
):
    first = link_of(session, cast.kabir)
    say(cast.kabir, True)
    worker.drain()
    assert link_of(session, cast.kabir) == first
    assert f"Student {cast.kabir.id}" in let_in()

    later = cast.schedule(hours=60)
    worker.drain()
    db.session.refresh(later)
    assert link_of(later, cast.kabir)
    assert "Kabir" in let_in()


def test_a_word_about_something_else_changes_no_link(session, worker, cast, say):
    first = link_of(session, cast.asha)
    say(cast.asha, False, "whatsapp")
    say(cast.asha, False)
    say(cast.asha, True)
    worker.drain()

    assert link_of(session, cast.asha) == first
    assert told_to_zoom("registrant.status") == 0


@pytest.mark.parametrize(("done", "calls"), [(True, 1), (False, 2)])
def test_a_link_whose_end_is_uncertain_is_asked_about_and_not_ended_blindly(
    session, worker, cast, leave, travel, done, calls
):
    leave(cast.asha)
    worker.drain()
    (end,) = effects(session, "zoom.unregister")
    end.state, end.doubtful, end.due_at = "uncertain", True, clock.now()
    db.session.commit()
    if not done:
        registrant = end.payload["registrant_id"]
        store.edit("zoom", "registrant", registrant, lambda it: it.update(status="approved"))
    for _ in range(2):
        worker.drain()
        travel.forward(minutes=1)

    assert states(session) == ["sent"]
    assert "Asha" not in let_in()
    assert told_to_zoom("registrant.status") == calls


def test_many_who_leave_share_a_call(session, worker, cast, leave):
    for person in (cast.asha, cast.ravi, cast.kabir):
        leave(person)
    follow_events()
    worker.drain()

    assert let_in() == []
    assert told_to_zoom("registrant.status") == 1


@pytest.mark.parametrize("seed", range(5))
def test_in_whatever_order_zoom_lets_in_who_is_enrolled_and_shows_no_refused_name(
    session, worker, cast, leave, say, travel, seed
):
    chance = random.Random(seed)
    people = {cast.asha: "Asha", cast.ravi: "Ravi", cast.kabir: "Kabir"}
    agreed, is_gone = {cast.asha, cast.ravi}, False
    for _ in range(14):
        person = chance.choice([*people])
        match chance.randint(0, 4):
            case 0 | 1 if person.id in enrolled_people(cast.cohort.id):
                leave(person)
            case 0 | 1:
                transaction(enrol, cast.cohort, person, cast.admin)
            case 2:
                (agreed.discard if person in agreed else agreed.add)(person)
                say(person, person in agreed)
            case 3:
                kind = chance.choice(("drop_before", "drop_after"))
                fault = {"kind": kind, "path": "registrants", "times": 1}
                store.set_switch("zoom", "fault", fault)
            case 4:
                db.session.refresh(session)
                (meetings.recover_meeting if is_gone else _delete)(session.zoom_meeting_id)
                is_gone = not is_gone
        if chance.random() < 0.6:
            worker.drain()
        travel.forward(seconds=chance.choice((1, 70)))
    if is_gone:
        meetings.recover_meeting(session.zoom_meeting_id)
    store.set_switch("zoom", "fault", None)
    for _ in range(5):
        worker.drain()
        travel.forward(minutes=5)
        db.session.rollback()
        meeting_refresh.refresh_meetings(timestamp=0)
    worker.drain()

    seats = [each for each in people if each.id in enrolled_people(cast.cohort.id)]
    shown = let_in()
    assert len(shown) == len(seats)
    for person in seats:
        number = f"Student {person.id}"
        assert number in shown or (person in agreed and people[person] in shown)
        assert link_of(session, person)
    witness.assert_nothing_twice()


def _delete(meeting_id):
    meetings.delete_meeting(state.meeting(meeting_id))
