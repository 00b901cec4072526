"""Webhooks on who came and went: duplicates, any order and gaps; and whose the joins are."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ffapp.attendance import attendance
from ffapp.attendance.attendance import AttendanceStatus
from ffapp.attendance.models import MatchSource, ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.meetings.models import PersonalLink
from ffapp.people.invite import add_person
from ffapp.people.models import Role
from ffapp.programme.enrol import enrol, enrolment_of, withdraw
from tests.attending import begin, came, deliver, minute, over, registrant, went
from tests.ledger.pupils import enrolled
from tests.zoom_posts import ended, started


@pytest.fixture
def session(cast, worker, travel):
    """A class whose meeting runs since its start; everybody has a link of their own."""
    session = cast.schedule(hours=1)
    worker.drain()
    begin(session, travel)
    return session


def of(session, person):
    db.session.rollback()
    found = attendance.attendance_of(db.session.get_one(ClassSession, session.id), clock.now())
    return found.get(person.id)


def stored():
    db.session.rollback()
    return db.session.scalars(db.select(ParticipantSession).order_by(ParticipantSession.id)).all()


# ── whose ──


LINK, EMAIL = MatchSource.LINK, MatchSource.EMAIL


@pytest.mark.parametrize(
    ("link", "email", "name", "whose"),
    [
        ("asha", "", "Somebody", ("asha", LINK)),
        ("asha", "ravi@students.example", "Ravi", ("asha", LINK)),
        ("", "Ravi@Students.Example", "Somebody", ("ravi", EMAIL)),
        ("", "tara@students.example", "Tara", (None, None)),  # of no cohort
        ("", "meera@students.example", "Meera", (None, None)),  # has left
        ("", "", "Asha Rao", (None, None)),  # a name says nothing
    ],
)
def test_a_participant_is_matched_by_their_link_or_else_by_their_address(
    session, cast, link, email, name, whose
):
    link = registrant(session, getattr(cast, link)) if link else ""
    deliver(came(session, 0, registrant_id=link, email=email, name=name))

    (one,) = stored()
    person, source = whose
    assert (one.person_id, one.matched_by) == (person and getattr(cast, person).id, source)


def test_the_address_that_zoom_knows_a_registrant_by_is_as_good_as_the_link(session, cast):
    mine = db.select(PersonalLink.address).filter_by(session_id=session.id, person_id=cast.asha.id)
    deliver(came(session, 0, email=db.session.scalar(mine).upper()))

    assert stored()[0].person_id == cast.asha.id


def test_who_is_still_in_is_here(session, cast, travel):
    travel.to(minute(session, 20))
    deliver(came(session, 0, registrant_id=registrant(session, cast.asha)))

    found = of(session, cast.asha)
    assert (found.status, found.minutes) == (AttendanceStatus.HERE, 20)


def test_the_host_and_the_team_are_known_and_nobody_looks_for_them(session, cast):
    deliver(
        came(session, 0, "u1", zoom_id="H", host_id="H"),
        came(session, 0, "u2", email=session.zoom_host_email),
        came(session, 0, "u3", email=cast.admin.email),
    )

    assert [each.matched_by for each in stored()] == [
        MatchSource.HOST,
        MatchSource.HOST,
        MatchSource.TEAM,
    ]


def test_an_address_that_siblings_share_says_not_which_of_them_it_was(session, cast):
    dev = add_person("Dev", cast.ravi.email, Role.STUDENT, by=None, user_name="dev.m")
    transaction(enrol, cast.cohort, dev, cast.admin)

    deliver(came(session, 0, email=cast.ravi.email))

    assert [each.person_id for each in stored()] == [None]


def test_who_leaves_the_cohort_was_there_all_the_same(session, cast):
    deliver(came(session, 0, email=cast.ravi.email))
    transaction(withdraw, enrolment_of(cast.cohort, cast.ravi), cast.admin)
    deliver(went(session, 30, email=cast.ravi.email))

    assert of(session, cast.ravi).minutes == 30


def test_somebody_who_is_enrolled_later_is_found_by_their_address(session, cast, worker):
    deliver(came(session, 0, email="late@students.example"))
    assert stored()[0].person_id is None

    late = enrolled(cast, "late")
    worker.drain()

    assert stored()[0].person_id == late.id


# ── how long ──


def test_late_is_told_from_the_sixth_minute_of_the_class_as_it_was_held(session, cast):
    for person, number in ((cast.asha, 5), (cast.ravi, 12)):
        who = {"registrant_id": registrant(session, person)}
        deliver(came(session, number, person.name, **who))
    deliver(over(session))

    assert of(session, cast.asha).late_by is None
    assert of(session, cast.ravi).late_by == timedelta(minutes=12)
    assert of(session, cast.ravi).status == AttendanceStatus.LATE


def test_nobody_is_late_to_a_class_that_the_host_begins_late(cast, worker, travel):
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(minute(session, 20))
    deliver(started(session.zoom_meeting_id, minute(session, 20)))
    deliver(came(session, 22, registrant_id=registrant(session, cast.asha)), over(session))

    assert of(session, cast.asha).status == AttendanceStatus.PRESENT


def test_a_rehearsal_of_the_host_does_not_count(cast, worker, travel):
    session = cast.schedule(hours=3)
    worker.drain()
    db.session.refresh(session)
    who = {"registrant_id": registrant(session, cast.asha)}
    deliver(
        started(session.zoom_meeting_id, minute(session, -120), "try=="),
        came(session, -119, uuid="try==", **who),
        went(session, -110, uuid="try==", **who),
        ended(session.zoom_meeting_id, minute(session, -120), minute(session, -110), "try=="),
    )
    assert of(session, cast.asha).minutes == 0

    travel.to(minute(session, 70))
    deliver(came(session, 0, "u2", **who), went(session, 30, "u2", **who), over(session))

    assert (of(session, cast.asha).minutes, of(session, cast.asha).times) == (30, 1)


def test_a_meeting_that_was_started_twice_is_added_up(session, cast, travel):
    who = {"registrant_id": registrant(session, cast.asha)}
    travel.to(minute(session, 70))
    deliver(
        came(session, 0, **who),
        over(session, 20),
        started(session.zoom_meeting_id, minute(session, 30), "second=="),
        came(session, 31, uuid="second==", **who),
        ended(session.zoom_meeting_id, minute(session, 30), minute(session, 60), "second=="),
    )

    assert of(session, cast.asha).minutes == 20 + 29


def test_who_never_came_is_expected_and_then_absent(session, cast, travel):
    assert attendance.unknown(session, clock.now()).status == AttendanceStatus.EXPECTED
    travel.to(minute(session, 61))
    deliver(over(session))
    db.session.refresh(session)
    assert attendance.unknown(session, clock.now()).status == AttendanceStatus.NOT_COUNTED

    deliver(came(session, 0, registrant_id=registrant(session, cast.ravi)))

    assert attendance.unknown(session, clock.now()).status == AttendanceStatus.ABSENT


def test_a_post_that_does_not_say_who_or_when_changes_nothing(session):
    empty = came(session, 0, "")
    empty["payload"]["object"]["participant"]["participant_uuid"] = ""
    timeless = came(session, 0)
    timeless["payload"]["object"]["participant"]["join_time"] = ""
    nobody = came(session, 0)
    del nobody["payload"]["object"]["participant"]
    deliver(empty, timeless, nobody)

    assert not stored()


# ── in any order ──

USERS = ("u1", "u2", "u3", "u4")
TELLING = st.lists(
    st.tuples(st.sampled_from(USERS), st.integers(0, 55), st.one_of(st.none(), st.integers(1, 40))),
    min_size=1,
    max_size=4,
    unique_by=lambda told: told[0],
)


@given(TELLING, st.randoms(use_true_random=False))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_with_any_duplicates_is_the_same_union(session, cast, travel, told, luck):
    _forget(session)
    travel.to(minute(session, 90))
    posts = [over(session), started(session.zoom_meeting_id, session.starts_at)]
    for user, start, long in told:
        asha = {"registrant_id": registrant(session, cast.asha)}
        posts.append(came(session, start, user, **asha))
        if long is not None:
            # What the leaving leaves out does not make somebody else of them.
            bare = luck.choice([asha, {}])
            posts.append(went(session, start + long, user, **bare))
    posts += luck.choices(posts, k=luck.randrange(6))
    luck.shuffle(posts)

    deliver(*posts)

    expected = {
        number
        for _, start, long in told
        for number in range(start, start + long if long is not None else 60)
    }
    assert of(session, cast.asha).zoom_minutes == len(expected)
    assert {each.person_id for each in stored()} == {cast.asha.id}


def _forget(session):
    db.session.rollback()
    db.session.execute(db.delete(ParticipantSession))
    db.session.execute(db.text("DELETE FROM meeting_instances"))
    db.session.commit()
    db.session.refresh(session)
