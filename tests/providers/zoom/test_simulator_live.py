"""From the start of a meeting to its recording, and the recording's trash_state."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from ffapp.core import clock, config
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings, state
from tests.providers.zoom.lab import HOST, hold


@pytest.fixture
def as_in_life(settings):
    """Delays as in life, not none."""
    config.use(settings.changed(simulator_speed=1))


def listed(api, **query):
    return api.get(f"users/{HOST}/recordings", params=query).json()


def test_each_time_it_is_held_a_meeting_has_a_uuid_of_its_own(zoom, details, business_clock):
    meeting = zoom.create_meeting(HOST, details)
    assert live_meetings.start(5) is None
    first = live_meetings.start(meeting.id)
    assert live_meetings.start(meeting.id) == first
    assert zoom.get_meeting(meeting.id).status == "started"
    assert zoom.past_instances(meeting.id) == []
    assert live_meetings.end(meeting.id)
    assert not live_meetings.end(meeting.id)
    business_clock.forward(minutes=5)
    second = live_meetings.start(meeting.id)
    live_meetings.end(meeting.id)
    assert len({first, second, meeting.uuid}) == 3
    assert [each.uuid for each in zoom.past_instances(meeting.id)] == [first, second]


def test_people_wait_join_leave_and_rejoin(zoom, details, business_clock):
    meeting = zoom.create_meeting(HOST, details)
    asha = live_meetings.join(meeting.id, "Asha")
    assert live_meetings.arrive(asha)["state"] == "waiting"
    uuid = live_meetings.start(meeting.id)
    assert live_meetings.arrive(asha)["state"] == "in"
    business_clock.forward(minutes=20)
    live_meetings.leave(asha)
    live_meetings.leave(asha)
    business_clock.forward(minutes=5)
    live_meetings.join(meeting.id, "Asha")
    business_clock.forward(minutes=5)
    live_meetings.end(meeting.id)

    rows = list(zoom.past_participants(uuid))
    stays = [(row.name, (row.leave_time - row.join_time).total_seconds()) for row in rows]
    assert stays == [("Educator", 1800), ("Asha", 1200), ("Asha", 300)]
    assert len({row.user_id for row in rows}) == 3
    assert (rows[0].user_email, rows[1].user_email, rows[1].id) == (HOST, "", "")


def test_a_recording_is_processed_for_one_to_two_hours(
    zoom, api, details, business_clock, as_in_life
):
    meeting = zoom.create_meeting(HOST, details)
    live_meetings.start(meeting.id)
    business_clock.forward(minutes=60)
    live_meetings.end(meeting.id)

    (found,) = listed(api)["meetings"]
    (file,) = found["recording_files"]
    assert (found["total_size"], found["recording_count"]) == (0, 0)
    assert (file["status"], file["recording_end"], file["file_type"]) == ("processing", "", "")
    assert "recording_type" not in file
    assert zoom.recordings_of_meeting(meeting.id) is None

    business_clock.forward(minutes=59)
    assert zoom.recordings_of_meeting(meeting.id) is None
    business_clock.forward(minutes=62)
    done = zoom.recordings_of_meeting(meeting.id)
    assert (done.duration, len(done.recording_files)) == (60, 3)
    assert listed(api)["meetings"][0]["recording_files"][0]["status"] == "completed"


def test_delays_are_repeatable_and_scaled(settings, as_in_life):
    life = store.delay("zoom recording x", 3600, 7200)
    assert life == store.delay("zoom recording x", 3600, 7200) != store.delay("y", 3600, 7200)
    assert 3600 <= life <= 7200
    config.use(settings.changed(simulator_speed=0.01))
    assert store.delay("zoom recording x", 3600, 7200) == pytest.approx(life / 100)


def test_a_break_in_recording_makes_a_second_set_of_files(zoom, details, business_clock):
    meeting = zoom.create_meeting(HOST, details)
    live_meetings.start(meeting.id)
    assert not live_meetings.set_recording(meeting.id, on=True)
    for _ in range(2):
        business_clock.forward(minutes=10)
        live_meetings.set_recording(meeting.id, on=False)
        business_clock.forward(minutes=5)
        live_meetings.set_recording(meeting.id, on=True)
    live_meetings.set_recording(meeting.id, on=False)
    live_meetings.end(meeting.id)
    found = zoom.recordings_of_meeting(meeting.id)
    videos = [file for file in found.recording_files if file.playable]
    assert len(videos) == 3
    assert {file.meeting_id for file in found.recording_files} == {found.uuid}
    assert [file.recording_end - file.recording_start for file in videos] == [
        timedelta(minutes=10),
        timedelta(minutes=10),
        timedelta(0),
    ]
    assert len(found.recording_files) == 12


def test_a_host_without_cloud_recording_has_none(zoom, api):
    meeting = hold(zoom, "norecording@school.test")
    assert zoom.recordings_of_meeting(meeting.id) is None
    assert listed(api)["meetings"] == []


def test_a_number_shows_only_its_latest_instance(zoom, details, business_clock):
    meeting = zoom.create_meeting(HOST, details)
    for _ in range(2):
        business_clock.forward(minutes=30)
        live_meetings.start(meeting.id)
        live_meetings.end(meeting.id)
    first, second = (each.uuid for each in zoom.past_instances(meeting.id))
    assert zoom.recordings_of_meeting(meeting.id).uuid == second
    assert zoom.recordings_of_meeting(first).uuid == first
    day = clock.now().date()
    assert {each.uuid for each in zoom.recordings_of_host(HOST, day, day)} == {first, second}


def test_the_range_is_in_utc_and_clipped_to_a_month(zoom, api, business_clock):
    hold(zoom)
    assert len(listed(api)["meetings"]) == 1
    assert len(listed(api, **{"from": "2026-12-01", "to": "2026-12-01"})["meetings"]) == 1
    assert listed(api, **{"from": "2026-12-02", "to": "2026-12-03"})["meetings"] == []
    # Libraries send date-times too.
    times = {"from": "2026-12-01T00:00:00Z", "to": "2026-12-02T00:00:00Z"}
    assert listed(api, **times)["from"] == "2026-12-01"
    clipped = listed(api, **{"from": "2026-01-01", "to": "2027-03-31"})
    assert (clipped["from"], clipped["to"], clipped["meetings"]) == ("2027-02-28", "2027-03-31", [])
    assert listed(api, **{"from": "soon"})["code"] == 300


def test_finished_recordings_can_stay_hidden_for_some_polls(zoom):
    meeting = hold(zoom)
    store.set_switch("zoom", "recordings_hidden", 2)
    found = [zoom.recordings_of_meeting(meeting.id) for _ in range(3)]
    assert [each is not None for each in found] == [False, False, True]


def test_concurrent_calls_are_counted_once_each(zoom, api):
    def create(number):
        return api.post(f"users/{HOST}/meetings", json={"topic": str(number)}).json()["id"]

    with ThreadPoolExecutor(6) as pool:
        ids = list(pool.map(create, range(18)))
        assert len(set(ids)) == 18
        uuids = set(pool.map(lambda _: live_meetings.start(ids[0]), range(6)))
        assert len(uuids) == 1
        keys = list(
            pool.map(lambda number: live_meetings.join(ids[0], f"Student {number}"), range(20))
        )
        list(pool.map(live_meetings.leave, keys * 2))
    present = state.participants_of(uuids.pop())
    assert [each["state"] for each in present].count("left") == 20
    assert len({each["user_id"] for each in present}) == 21
