"""Links that end: of who has left, and of who may be known to Zoom by another name now."""

import pytest

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger import plan
from ffapp.meetings import meeting_status
from ffapp.meetings.models import PersonalLink
from ffapp.meetings.registration import link_of
from ffapp.people.consent import record_consent
from ffapp.programme import enrol_many
from ffapp.programme.enrol import enrol, enrolment_of, withdraw
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import meetings
from tests.at_zoom import delete_inside, effects, told_to_zoom
from tests.ledger.pupils import enrolled, follow_events
from tests.processes import witness


@pytest.fixture
def leave(cast):
    return lambda person: transaction(withdraw, enrolment_of(cast.cohort, person), cast.admin)


@pytest.fixture
def say(cast):
    """The guardian of a student says yes or no."""

    def say_it(student, granted, purpose="classes"):
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


def test_who_leaves_has_no_link_and_zoom_lets_them_in_no_more(session, worker, cast, leave):
    leave(cast.asha)
    worker.drain()

    assert link_of(session, cast.asha) is None
    assert let_in() == ["Ravi M.", f"Student {cast.kabir.id}"]
    assert states(session) == ["sent"]


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
    assert let_in() == ["Asha R.", "Ravi M.", f"Student {cast.kabir.id}"]
    witness.assert_nothing_twice()


def test_who_comes_back_before_anything_was_done_has_a_link_all_the_same(
    session, worker, cast, leave
):
    leave(cast.asha)
    transaction(enrol, cast.cohort, cast.asha, cast.admin)
    worker.drain()

    assert link_of(session, cast.asha)
    assert let_in().count("Asha R.") == 1


def test_a_seat_that_is_undone_has_no_link(session, worker, cast, travel):
    undone = transaction(enrol_many.enrol_many, cast.cohort, [cast.tara], cast.admin)
    worker.drain()
    travel.forward(seconds=1 + plan.HOLD.total_seconds())
    worker.drain()
    assert link_of(session, cast.tara)

    transaction(enrol_many.undo_enrolments, undone.batch, cast.admin)
    worker.drain()

    assert link_of(session, cast.tara) is None
    assert "Tara B." not in let_in()


def test_a_guardian_who_takes_the_word_back_takes_the_name_from_zoom(session, worker, cast, say):
    first = link_of(session, cast.asha)
    say(cast.asha, False)
    worker.drain()

    assert let_in() == sorted(["Ravi M.", f"Student {cast.asha.id}", f"Student {cast.kabir.id}"])
    assert link_of(session, cast.asha) not in (None, first)


def test_a_guardian_who_agrees_later_gives_the_name(session, worker, cast, say):
    say(cast.kabir, True)
    worker.drain()

    assert let_in() == ["Asha R.", "Kabir S.", "Ravi M."]
    assert link_of(session, cast.kabir)


def test_a_word_about_something_else_changes_no_link(session, worker, cast, say):
    first = link_of(session, cast.asha)
    say(cast.asha, False, "whatsapp")
    say(cast.asha, False)
    say(cast.asha, True)
    worker.drain()

    assert link_of(session, cast.asha) == first
    assert told_to_zoom("registrant.status") == 0


def test_a_word_that_comes_while_zoom_is_asked_counts(session, worker, cast, say, travel):
    """The registration of which nobody knows was made with the name."""
    fault = {"kind": "drop_after", "path": "batch_registrants", "times": 1}
    store.set_switch("zoom", "fault", fault)
    late = enrolled(cast, "late")
    worker.drain()
    assert states(session, "zoom.register")[-1] == "uncertain"
    assert "Late S." in let_in()
    say(late, False)
    for _ in range(3):
        travel.forward(minutes=1)
        worker.drain()

    assert "Late S." not in let_in()
    assert f"Student {late.id}" in let_in()
    assert link_of(session, late)


def test_who_leaves_while_zoom_is_asked_is_let_in_no_more(session, worker, cast, leave, travel):
    fault = {"kind": "drop_after", "path": "batch_registrants", "times": 1}
    store.set_switch("zoom", "fault", fault)
    late = enrolled(cast, "late")
    worker.drain()
    leave(late)
    for _ in range(3):
        travel.forward(minutes=1)
        worker.drain()

    assert "Late S." not in let_in()
    assert link_of(session, late) is None


def test_who_leaves_while_the_meeting_is_gone_is_let_in_no_more_when_it_is_back(
    session, worker, cast, leave, travel
):
    delete_inside(session)
    worker.drain()
    leave(cast.asha)
    worker.drain()
    (end,) = effects(session, "zoom.unregister")
    assert (end.state, end.reason) == ("cancelled", meeting_status.DELETED_INSIDE)

    travel.forward(minutes=1)
    db.session.refresh(session)
    meetings.recover_meeting(session.zoom_meeting_id)
    worker.drain()

    assert "Asha R." not in let_in()
    assert states(session) == ["sent"]


@pytest.mark.parametrize("kind", ["down", "error", "html", "drop_before", "drop_after", "limited"])
def test_a_bad_day_of_zoom_is_waited_out(session, worker, cast, leave, travel, kind):
    store.set_switch("zoom", "fault", {"kind": kind, "path": "registrants/status"})
    leave(cast.asha)
    worker.drain()
    assert link_of(session, cast.asha) is None
    assert states(session) == ["planned"]

    store.set_switch("zoom", "fault", None)
    travel.forward(minutes=20)
    worker.drain()

    assert "Asha R." not in let_in()
    assert states(session) == ["sent"]


@pytest.mark.parametrize("done", [True, False])
def test_what_a_dead_worker_was_doing_is_asked_for(session, worker, cast, leave, travel, done):
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
    assert "Asha R." not in let_in()


def test_many_who_leave_share_a_call(session, worker, cast, leave):
    for person in (cast.asha, cast.ravi, cast.kabir):
        leave(person)
    follow_events()
    worker.drain()

    assert let_in() == []
    assert told_to_zoom("registrant.status") == 1
