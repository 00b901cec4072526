"""Of many tries at one address, from any places, in any order and at once, few reach the hash."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.people import passwords, sign_in, throttle
from ffapp.people.throttle import RATES, SignInFailures, TooManyTries
from tests.cast import PASSWORD

WINDOW = timedelta(minutes=15)
# Five are free; then one after 2, 4, 8, … seconds until the wait is as long as the window.
MOST_IN_A_WINDOW = RATES["email"].free + 9
BEGIN = datetime(2026, 11, 30, 12, tzinfo=clock.UTC)


def tries_that_reach_the_hash(cast, tries):
    """Do them at the instants they name; answers the instants of those that were hashed."""
    reached, now = [], [BEGIN]

    def hashes(stored, password):
        reached.append(now[0])
        return password == PASSWORD

    db.session.execute(db.delete(SignInFailures))
    db.session.commit()
    with (
        mock.patch.object(passwords, "matches", hashes),
        mock.patch.object(clock, "wall", side_effect=lambda: now[0]),
    ):
        for seconds, place, password in tries:
            now[0] += timedelta(seconds=seconds)
            with contextlib.suppress(TooManyTries):
                sign_in.sign_in(cast.asha.email, password, f"192.0.2.{place}")
    return reached


@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 1200)),
            st.integers(0, 3),
            st.just("wrong"),
        ),
        max_size=60,
    )
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_few_tries_at_one_address_reach_the_hash_in_any_window(cast, tries):
    reached = tries_that_reach_the_hash(cast, tries)

    for each in reached:
        within = [other for other in reached if each <= other < each + WINDOW]
        assert len(within) <= MOST_IN_A_WINDOW


def test_the_owners_success_gives_a_stranger_no_further_tries(cast):
    wrong, right = (0, 1, "wrong"), (0, 2, PASSWORD)

    reached = tries_that_reach_the_hash(cast, [wrong] * 4 + [right] + [wrong] * 20)

    assert len(reached) == 4 + 1 + 1


def test_tries_at_the_same_time_do_not_get_past_the_count(app, cast):
    reached = []

    def attempt(number):
        with app.app_context():
            try:
                sign_in.sign_in(cast.asha.email, "wrong", f"192.0.2.{number}")
            except TooManyTries:
                return

    def hashes(stored, password):
        reached.append(password)
        return False

    with mock.patch.object(passwords, "matches", hashes), ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(40)))

    assert len(reached) == RATES["email"].free


def test_at_most_two_hashes_at_once_and_none_in_a_transaction(app, cast):
    together, most = [0], [0]

    def verify(stored, password):
        together[0] += 1
        most[0] = max(most[0], together[0])
        assert not db.session().in_transaction()
        clock_ticks = sum(range(200_000))
        together[0] -= 1
        return bool(clock_ticks) and False

    def attempt(number):
        with app.app_context():
            return sign_in.sign_in(f"nobody-{number}@students.example", "wrong", "192.0.2.1")

    hasher = mock.patch.object(passwords, "_hasher", mock.Mock(verify=verify))
    with hasher, ThreadPoolExecutor(8) as pool:
        assert set(pool.map(attempt, range(24))) == {None}

    assert most[0] <= 2


def test_what_is_recorded_of_failures_names_nobody(context, cast, worker):
    for _ in range(7):
        with contextlib.suppress(TooManyTries):
            sign_in.sign_in(cast.asha.email, "wrong", "192.0.2.1")

    events = db.session.scalars(
        db.select(Event).where(Event.name.like("sign_in_%")).order_by(Event.id)
    ).all()
    assert [each.name for each in events] == ["sign_in_failed"] * 5 + ["sign_in_throttled"]
    assert {(each.actor, each.actor_id, str(each.facts)) for each in events} == {
        ("somebody", None, "{}")
    }
    row = db.session.scalars(
        db.select(SignInFailures).where(SignInFailures.subject.like("email:%"))
    ).one()
    assert (row.count, row.refused) == (5, 2)


def test_failures_of_yesterday_are_deleted(context):
    for hours in (1, 25):
        at = clock.wall() - timedelta(hours=hours)
        db.session.add(SignInFailures(subject=f"email:{hours}", count=3, last_at=at))
    db.session.commit()

    throttle.forget(0)

    assert db.session.scalars(db.select(SignInFailures.subject)).all() == ["email:1"]
    transaction(db.session.execute, db.delete(SignInFailures))
