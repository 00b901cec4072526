"""Which instances of a meeting are the class: one pure function, in minutes around the class."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffapp.classes.meeting_window import Held, decide

START = datetime(2026, 12, 5, 11, 30, tzinfo=UTC)
COUNTED, REHEARSAL, OUTSIDE, REOPENED = "counted", "rehearsal", "outside", "reopened"
DAY = 24 * 60


def at(minutes):
    return START + timedelta(minutes=minutes)


def held(start, end=None, was_class=None):
    return Held(at(start), None if end is None else at(end), was_class)


def states(*instances, now=10 * DAY):
    """Of a class of an hour, which starts at minute 0."""
    return decide(START, at(60), [held(*each) for each in instances], at(now))


@pytest.mark.parametrize(
    ("instances", "expected"),
    [
        ([(0, 60)], [COUNTED]),
        ([(-30, 60)], [COUNTED]),
        ([(-25, -20)], [REHEARSAL]),
        ([(-25, 0)], [REHEARSAL]),
        ([(-25, 1)], [COUNTED]),
        ([(-2 * DAY, 20 - 2 * DAY)], [OUTSIDE]),
        ([(-90, -31)], [OUTSIDE]),
        ([(-90, 1)], [OUTSIDE]),  # what began long before must run well into the class
        ([(-90, 60)], [COUNTED]),
        ([(0, 60), (75, 80)], [COUNTED, COUNTED]),
        ([(0, 60), (78, 120)], [COUNTED, REOPENED]),
        ([(0, 40), (58, 90)], [COUNTED, REOPENED]),
        ([(0, 60), (2 * DAY, 2 * DAY + 30)], [COUNTED, REOPENED]),
        ([(75, 100)], [COUNTED]),
        ([(76, 100)], [OUTSIDE]),
        ([(2 * DAY, 2 * DAY + 30)], [OUTSIDE]),
        # One goes on where another ended, and so on; what overlaps what counts, counts.
        ([(0, 60), (70, 80), (90, 100), (116, 120)], [COUNTED, COUNTED, COUNTED, REOPENED]),
        ([(-40, 5), (-5, 60)], [COUNTED, COUNTED]),
        ([(-20, -10), (0, 60)], [REHEARSAL, COUNTED]),
    ],
)
def test_where_an_instance_belongs(instances, expected):
    assert states(*instances) == expected


@pytest.mark.parametrize(
    ("now", "expected"), [(-50, OUTSIDE), (-31, OUTSIDE), (-30, COUNTED), (30, COUNTED)]
)
def test_what_runs_since_long_before_counts_when_its_class_may_begin(now, expected):
    assert states((-60,), now=now) == [expected]


def test_the_word_of_an_admin_beats_the_clock():
    assert states((0, 60, False), (75, 80)) == [OUTSIDE, COUNTED]
    assert states((0, 60), (100, 120, True), (130, 140)) == [COUNTED, COUNTED, COUNTED]
    assert states((-2 * DAY, 10 - 2 * DAY, True), (0, 60)) == [COUNTED, COUNTED]


SPANS = st.lists(
    st.tuples(st.integers(-3 * DAY, 3 * DAY), st.integers(0, 200)).map(
        lambda it: (it[0], it[0] + it[1])
    ),
    max_size=6,
    unique_by=lambda it: it[0],
)


@given(SPANS, st.randoms(use_true_random=False))
def test_whatever_was_held_counts_by_the_rule_and_in_any_order(spans, luck):
    found = dict(zip(spans, states(*spans), strict=True))
    shuffled = list(spans)
    luck.shuffle(shuffled)

    assert dict(zip(shuffled, states(*shuffled), strict=True)) == found
    counted = sorted(span for span, state in found.items() if state == COUNTED)
    for number, (start, end) in enumerate(counted):
        over = max((each[1] for each in counted[:number]), default=60)
        assert end > 0, "a class is not over before its planned start"
        assert (
            -30 <= start <= over + 15
            or end >= 15
            or any(start < b and a < end for a, b in counted if (a, b) != (start, end))
        )
    for (start, end), state in found.items():
        if state == REOPENED:
            assert counted
            assert start > max(b for a, b in counted if a < start) + 15
        if state != COUNTED and end > 0:
            assert not any(a <= start <= b + 15 for a, b in counted), "it goes on with what counts"
