"""Series at the simulated Zoom: type 8 needs a rule and answers its occurrences."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffapp.providers.zoom.simulator import recurrence
from tests.providers.zoom.lab import HOST

MEETINGS = f"users/{HOST}/meetings"
SERIES = {
    "topic": "T",
    "type": 8,
    "start_time": "2026-12-02T18:00:00",
    "timezone": "Asia/Kolkata",
    "duration": 45,
    "recurrence": {"type": 2, "weekly_days": "2,4", "end_times": 4},
}


def test_without_a_rule_it_is_refused(api) -> None:
    for rule in (None, {}, "weekly", {"type": 4}, {"type": 1, "end_times": 61}):
        answer = api.post(MEETINGS, json={**SERIES, "recurrence": rule})
        assert (answer.status_code, answer.json()["code"]) == (400, 300)
        assert answer.json()["errors"][0]["field"].startswith("recurrence")
    assert api.post(MEETINGS, json={"type": 7}).json()["errors"][0]["field"] == "type"


def test_the_occurrences_are_answered(api, business_clock) -> None:
    made = api.post(MEETINGS, json=SERIES).json()
    assert [each["start_time"] for each in made["occurrences"]] == [
        "2026-12-02T12:30:00Z",  # a Wednesday
        "2026-12-07T12:30:00Z",
        "2026-12-09T12:30:00Z",
        "2026-12-14T12:30:00Z",
    ]
    assert made["occurrences"][0] == {
        "occurrence_id": "1796214600000",
        "start_time": "2026-12-02T12:30:00Z",
        "duration": 45,
        "status": "available",
    }
    assert made["recurrence"]["weekly_days"] == "2,4"
    assert api.get(f"meetings/{made['id']}").json()["occurrences"] == made["occurrences"]


def test_one_occurrence_can_be_moved_and_deleted(api, business_clock) -> None:
    made = api.post(MEETINGS, json=SERIES).json()
    path, (first, second, *_) = f"meetings/{made['id']}", made["occurrences"]
    one = {"occurrence_id": first["occurrence_id"]}
    assert api.patch(path, params=one, json={"duration": 90}).status_code == 204
    two = {"occurrence_id": second["occurrence_id"]}
    assert api.delete(path, params=two).status_code == 204
    now = api.get(path).json()["occurrences"]
    assert [each["duration"] for each in now] == [90, 45, 45, 45]
    assert [each["status"] for each in now] == ["available", "deleted", "available", "available"]
    assert api.delete(path, params={"occurrence_id": "7"}).json()["code"] == 300
    assert api.patch(path, json={"topic": "U", "type": 8}).status_code == 204
    assert api.get(path).json()["occurrences"] == now


def test_without_a_fixed_time_there_is_none_and_no_registration(api) -> None:
    made = api.post(MEETINGS, json={"type": 3, "settings": {"approval_type": 0}}).json()
    assert "start_time" not in made
    assert (made["settings"]["approval_type"], "registration_url" in made) == (2, False)


@pytest.mark.filterwarnings("ignore")
@given(
    kind=st.sampled_from([1, 2, 3]),
    every=st.integers(1, 10),
    times=st.integers(1, 60),
    start=st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    zone=st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/New_York"]),
)
def test_a_series_keeps_its_hour_and_its_order(kind, every, times, start, zone) -> None:
    start = datetime.combine(start, time(12), ZoneInfo(zone))
    first = start.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
    rule = recurrence.checked({"type": kind, "repeat_interval": every, "end_times": times})
    found = recurrence.occurrences(rule, first, zone, 60)

    assert found[0]["start_time"] == first
    moments = [datetime.fromisoformat(each["start_time"]) for each in found]
    assert moments == sorted(set(moments))
    assert {each.astimezone(ZoneInfo(zone)).hour for each in moments} == {12}
    assert len(found) == times or kind == 3
