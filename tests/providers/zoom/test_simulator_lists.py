"""Lists of the simulated Zoom: pages by number, days, users, and what nothing answers."""

from datetime import timedelta

import pytest

from ffapp.core import clock
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import live_meetings
from tests.providers.zoom.lab import HOST, hold

MEETINGS = f"users/{HOST}/meetings"


def schedule(api, *days: int) -> list[int]:
    found = []
    for each in days:
        start = wire.instant(clock.now() + timedelta(days=each))
        found.append(api.post(MEETINGS, json={"topic": "T", "start_time": start}).json()["id"])
    return found


def ids(api, **query) -> list[int]:
    answer = api.get(MEETINGS, params=query)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["meetings"]]


def test_pages_by_number_and_by_token_show_the_same(api) -> None:
    made = schedule(api, 1, 2, 3, 4, 5)
    first = api.get(MEETINGS, params={"page_size": 2}).json()
    assert (first["page_count"], first["page_number"], first["total_records"]) == (3, 1, 5)
    assert ids(api, page_size=2, page_number=2) == made[2:4]
    assert ids(api, next_page_token=first["next_page_token"]) == made[2:4]
    assert ids(api, page_size=2, page_number=9) == []
    assert api.get(MEETINGS, params={"page_number": "x"}).json()["code"] == 300


def test_from_and_to_are_days(api, business_clock) -> None:
    made = schedule(api, 1, 2, 3)
    assert ids(api, **{"from": "2026-12-03", "to": "2026-12-03"}) == [made[1]]
    assert ids(api, **{"from": "2026-12-03T00:00:00Z"}) == made[1:]
    assert ids(api, to="2026-12-02") == [made[0]]
    # 04:30 UTC is still the day before in New York.
    assert ids(api, **{"from": "2026-12-03", "timezone": "America/New_York"}) == [made[2]]
    assert api.get(MEETINGS, params={"from": "soon"}).json()["code"] == 300


def test_a_month_of_recordings_is_a_calendar_month(api, business_clock) -> None:
    for asked, first in (("2026-10-31", "2026-10-31"), ("2026-10-01", "2026-10-30")):
        query = {"from": asked, "to": "2026-11-30"}
        assert api.get(f"users/{HOST}/recordings", params=query).json()["from"] == first


def test_the_kinds_of_list(api, zoom) -> None:
    waiting, running = schedule(api, 1, 2)
    live_meetings.start(running)
    over = hold(zoom).id
    assert ids(api, type="live") == [running]
    assert ids(api, type="previous_meetings") == [over]
    assert set(ids(api, type="upcoming_meetings")) == {waiting, running, over}
    assert api.get(MEETINGS, params={"type": "x"}).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "PUT"])
@pytest.mark.parametrize(
    "below", ["nonsense", "recordings/nonsense/x", "registrants/a/b", "polls", "livestream"]
)
def test_a_path_below_a_meeting_that_nothing_answers(api, zoom, method, below) -> None:
    meeting = hold(zoom)
    uuid = zoom.recordings_of_meeting(meeting.id).uuid
    for name in (meeting.id, wire.meeting_path(uuid), "past_meetings"):
        path = f"past_meetings/{meeting.id}" if name == "past_meetings" else f"meetings/{name}"
        answer = api.request(method, f"{path}/{below}")
        assert (answer.status_code, answer.json()["code"]) == (404, 2300), path
    assert api.get("meetings/81234567890").json()["code"] == 3001


def test_the_users_and_what_a_host_may(api, settings) -> None:
    for host in (HOST, "norecording@school.test"):
        api.get(f"users/{host}")
    found = api.get("users", params={"page_size": 2, "page_number": 2}).json()
    everybody = api.get("users").json()["users"]
    owner = settings.providers["zoom"].host_email
    emails = [each["email"] for each in everybody]
    assert emails == sorted([HOST, owner, "norecording@school.test"])
    assert (found["page_count"], len(found["users"])) == (2, 1)
    assert api.get("users", params={"status": "inactive"}).json()["users"] == []
    for host, records in ((HOST, True), ("norecording@school.test", False)):
        assert api.get(f"users/{host}/settings").json()["recording"]["cloud_recording"] is records
    assert api.get(f"users/{HOST}/schedulers").json() == {"schedulers": []}


def test_the_scopes_that_moodle_asks_for(api, settings) -> None:
    zoom = settings.providers["zoom"]
    form = {"grant_type": "account_credentials", "account_id": zoom.account_id}
    token = api.post(zoom.token_url, data=form, auth=(zoom.client_id, zoom.client_secret)).json()
    meeting = "meeting:{}:meeting meeting:read:invitation meeting:read:list_registrants"
    wanted = [meeting.format(each) for each in ("read", "write", "update", "delete")]
    wanted.append(
        "user:read:list_schedulers user:read:settings user:read:user user:read:list_users"
    )
    wanted.append("report:read:list_meeting_participants report:read:list_users report:read:user")
    recordings = ("list_recording_files", "list_user_recordings", "recording_settings")
    wanted += [f"cloud_recording:read:{each}" for each in recordings]
    wanted = " ".join(wanted).split()
    assert {f"{each}:admin" for each in wanted} <= set(token["scope"].split())


def test_keys_come_in_zooms_order(api) -> None:
    made = api.post(MEETINGS, json={"topic": "T"}).json()
    first = "uuid id host_id host_email topic type status start_time duration timezone agenda"
    assert list(made)[:11] == first.split()
    again = api.get(f"meetings/{made['id']}").json()
    assert list(again) == list(made)
    assert list(again["settings"]) == list(made["settings"])
    assert list(again["settings"])[:5] == [
        "host_video",
        "participant_video",
        "cn_meeting",
        "in_meeting",
        "join_before_host",
    ]


def test_reason_phrases_are_spelled_as_usual(api) -> None:
    assert api.post(MEETINGS, json={"duration": 0}).reason_phrase == "Bad Request"
    assert api.get("nothing").reason_phrase == "Not Found"
    odd = api.post(MEETINGS, content=rb'{"topic": "a\u0000\ud800\\u0000b"}')
    assert (odd.reason_phrase, odd.json()["topic"]) == ("Created", "a?\\u0000b")
