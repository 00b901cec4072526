"""The arithmetic of being there: each moment counts once, in whatever order it is told."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffapp.attendance import time_spans
from ffapp.attendance.models import ParticipantSession

FIVE = datetime(2026, 12, 5, 11, 30, tzinfo=UTC)


def at(minutes):
    return None if minutes is None else FIVE + timedelta(minutes=minutes)


def stay(joined=None, left=None, listed_joined=None, listed_left=None):
    return ParticipantSession(
        joined_at=at(joined),
        left_at=at(left),
        listed_joined_at=at(listed_joined),
        listed_left_at=at(listed_left),
    )


def spans(*of, closes=60):
    """The spans in minutes after five."""
    found = time_spans.spans_of(stay(*of), at(closes))
    return [tuple((end - FIVE) / timedelta(minutes=1) for end in span) for span in found]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((0, 50), [(0, 50)]),
        ((0, None), [(0, 60)]),  # nobody said that they went: the meeting's end did
        ((None, 50), [(50, 50)]),  # nobody said that they came: they were seen, no more
        ((0, None, 0, 20), [(0, 20)]),  # the list knows the end that the webhook lost
        ((None, 50, 10, None), [(10, 50)]),
        ((None, None, 5, 25), [(5, 25)]),  # only the list knows of them
        ((0, 30, 10, 45), [(0, 45)]),  # they disagree: all that either says
        ((0, 10, 30, 45), [(0, 10), (30, 45)]),
        ((40, 10), [(40, 40)]),  # went before they came: no time at all
        ((70, None), [(70, 70)]),  # came after the end that we know
        ((None, None), []),
    ],
)
def test_what_is_missing_is_filled_in_and_what_differs_is_united(told, expected):
    assert spans(*told) == expected


def test_sources_and_disagreement_are_told():
    assert time_spans.sources([stay(0, 5)]) == ("webhooks",)
    assert time_spans.sources([stay(0, 5), stay(None, None, 7, 9)]) == ("webhooks", "list")
    assert time_spans.disagree(stay(0, 30, 0, 45))
    assert not time_spans.disagree(stay(0, 30, 1, 30)), "a minute is no disagreement"
    assert not time_spans.disagree(stay(0, None, 0, 30))


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (1, 1), (29, 1), (89, 1), (90, 2)])
def test_minutes_are_rounded_and_a_moment_counts_as_one(seconds, minutes):
    assert time_spans.minutes(timedelta(seconds=seconds)) == minutes


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30)), max_size=12), st.randoms())
def test_the_union_is_each_minute_once_in_whatever_order(stays, luck):
    found = [(at(start), at(start + long)) for start, long in stays]
    expected = {minute for start, long in stays for minute in range(start, start + long)}
    luck.shuffle(found)

    united = time_spans.union([*found, *found])

    assert time_spans.length(united) == timedelta(minutes=len(expected))
    assert all(one[1] < other[0] for one, other in itertools.pairwise(united))
