"""Whatever a provider's post or answer holds, what we make of it can be stored."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffapp.providers.aisensy import webhook as aisensy
from ffapp.providers.bolna import webhook as bolna
from ffapp.providers.kit.webhooks import LARGEST, in_reach, instant_of, json_of
from ffapp.providers.sendgrid import webhook as sendgrid
from ffapp.providers.zoom import webhook as zoom

TEXTS = st.text(st.characters(codec=None), max_size=20)
NUMBERS = st.one_of(st.integers(), st.just(10**30), st.floats())
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=20,
)
# The names that our own code looks for.
ROW = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("event", "email", "timestamp", "effect_id", "sg_message_id", "type", "reason", "topic"),
        st.one_of(JSON, st.sampled_from(["bounce", "message.status.updated", "FAILED"])),
    ),
)


def everything_in(value):
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from everything_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from everything_in(each)
    else:
        yield value


@given(JSON)
def test_what_is_read_can_be_stored(value):
    for each in everything_in(json_of(json.dumps(value).encode())):
        if isinstance(each, str):
            each.encode()
            assert "\0" not in each
        elif isinstance(each, int | float):
            assert abs(each) < LARGEST


@given(st.one_of(ROW, st.lists(ROW, max_size=3), JSON))
def test_no_post_breaks_its_reader(value):
    raw = json.dumps(value).encode()

    for event in sendgrid.parse(raw):
        assert event.at is None or event.at.year < 2201
        str((event.email, event.reason, event.effect_id)).encode()
    str(aisensy.parse(raw)).encode()
    str(bolna.parse(raw)).encode()
    str(zoom.parse(raw)).encode()


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 100_000, b"\xff", b""])
def test_what_cannot_be_read_is_none(raw):
    assert json_of(raw) is None


def test_what_is_nested_too_deep_is_cut():
    deep = json_of(b"[" * 60 + b"]" * 60)

    assert str(deep).count("[") == 40


@pytest.mark.parametrize(
    "far", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), None]
)
def test_a_date_at_the_end_of_time_is_none(far):
    assert in_reach(far) is None


@pytest.mark.parametrize("seconds", [253402300799, -62135596800, 10**17, float("inf"), True, "1"])
def test_a_second_at_the_end_of_time_is_none(seconds):
    assert instant_of(seconds) is None


def test_a_date_that_is_kept_can_be_reckoned_with():
    assert instant_of(7_000_000_000) + timedelta(days=3650)


@pytest.mark.parametrize(
    "part",
    [
        {"id": "9" * 29},
        {"id": 10**25},
        {"id": 1, "start_time": "9999-12-31T23:59:59-12:00"},
        {"id": 1, "meeting_uuids": ["x"] * 1001},
    ],
)
def test_numbers_dates_and_counts_beyond_reason_are_not_taken_over(part):
    body = {"event": "meeting.started", "payload": {"object": part}}

    event = zoom.parse(json.dumps(body).encode())

    assert event.meeting_id in (None, 1)
    assert event.start_time is None
    assert len(event.batch) == 0


def test_a_post_of_too_many_events_is_not_built():
    assert sendgrid.parse(json.dumps([{}] * 10_001).encode()) == []
