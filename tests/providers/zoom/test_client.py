"""The client against the simulator: meetings and recordings when all goes well."""

from datetime import timedelta

import pytest

from ffapp.core import clock
from ffapp.core.outcomes import Refused
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import state
from tests.providers.zoom.lab import HOST, a_class, hold, journal


def test_a_created_meeting_is_as_asked_and_carries_our_id(zoom, details):
    meeting = zoom.create_meeting(HOST, details)

    assert meeting.start_time == details.start_at
    assert (meeting.topic, meeting.duration, meeting.timezone) == (
        "Cohort 7 – Week 2",
        60,
        "Asia/Kolkata",
    )
    assert meeting.agenda == "[ff:41] Pricing"
    assert meeting.host_email == HOST
    assert meeting.settings.auto_recording == "cloud"
    assert meeting.settings.waiting_room
    assert not meeting.settings.join_before_host
    assert meeting.password
    assert f"/zoom/j/{meeting.id}?pwd=" in meeting.join_url
    (act,) = journal("meeting.create")
    assert (act.effect_id, act.recipient, act.status) == ("41", HOST, 201)


def test_update_moves_the_meeting_and_keeps_the_link(zoom, details):
    before = zoom.create_meeting(HOST, details)
    later = details.start_at + timedelta(hours=3)

    zoom.update_meeting(before.id, a_class(42, start_at=later, topic="Moved"))

    after = zoom.get_meeting(before.id)
    assert (after.start_time, after.topic) == (later, "Moved")
    assert (after.join_url, after.password) == (before.join_url, before.password)
    (act,) = journal("meeting.update")
    assert (act.effect_id, act.status) == ("42", 204)


def test_delete_twice_is_fine(zoom, details):
    meeting = zoom.create_meeting(HOST, details)
    zoom.delete_meeting(meeting.id)
    zoom.delete_meeting(meeting.id)
    assert [act.status for act in journal("meeting.delete")] == [204, 404]


def test_find_by_marker_reads_every_page(zoom, monkeypatch):
    monkeypatch.setattr(wire, "PAGE_SIZE", 1)
    wanted = [zoom.create_meeting(HOST, a_class(number)) for number in range(3)]
    found = zoom.find_meeting(HOST, wire.marker(2))
    assert found is not None
    assert (found.id, found.join_url) == (wanted[2].id, wanted[2].join_url)
    assert len(journal("meeting.list")) == 3
    assert zoom.find_meeting(HOST, wire.marker(9)) is None


def test_find_by_marker_sees_a_meeting_whose_time_has_passed(zoom, business_clock):
    meeting = zoom.create_meeting(HOST, a_class(5))
    business_clock.forward(days=3)
    found = zoom.find_meeting(HOST, wire.marker(5))
    assert found is not None
    assert found.id == meeting.id


def test_a_host_without_cloud_recording_gets_none(zoom, details):
    meeting = zoom.create_meeting("norecording@school.test", details)
    assert meeting.settings.auto_recording == "none"


def test_recordings_of_a_host_and_of_a_meeting(zoom):
    meeting = hold(zoom)
    day = clock.now().date()

    (listed,) = zoom.recordings_of_host(HOST, day, day)
    assert listed.id == meeting.id
    assert listed.uuid != meeting.uuid
    types = [each.file_type for each in listed.recording_files]
    assert types == ["MP4", "M4A", "TIMELINE", "TRANSCRIPT"]
    assert [each.playable for each in listed.recording_files] == [True, False, False, False]
    assert listed.password == ""

    for name in (meeting.id, listed.uuid):
        asked = zoom.recordings_of_meeting(name)
        assert asked is not None
        assert asked.uuid == listed.uuid
        assert asked.password
    assert zoom.recordings_of_meeting(999) is None
    assert [each.uuid for each in zoom.past_instances(meeting.id)] == [listed.uuid]


@pytest.mark.parametrize("shape", ["plain", "/", "//"])
def test_every_shape_of_uuid_finds_its_way(zoom, shape):
    for effect_id in range(4):
        meeting = hold(zoom, effect_id=effect_id)
        uuid = state.uuid_of(meeting.id, 1)
        seen = "//" if "//" in uuid else "/" if uuid.startswith("/") else "plain"
        if seen == shape:
            break
    else:
        pytest.fail(f"no uuid of the shape {shape}")
    found = zoom.recordings_of_meeting(uuid)
    assert found is not None
    assert found.uuid == uuid


def test_a_long_range_is_asked_for_month_by_month(zoom, business_clock):
    for effect_id in range(3):
        hold(zoom, effect_id=effect_id)
        business_clock.forward(days=31)
    last = clock.now().date()

    found = zoom.recordings_of_host(HOST, last - timedelta(days=100), last)

    assert found.calls == 0
    assert len(list(found)) == 3
    assert found.calls == 4


def test_following_pages_are_read(zoom, monkeypatch):
    monkeypatch.setattr(wire, "PAGE_SIZE", 2)
    for effect_id in range(5):
        hold(zoom, effect_id=effect_id)
    day = clock.now().date()
    found = zoom.recordings_of_host(HOST, day, day)
    assert len({each.uuid for each in found}) == 5
    assert found.calls == 3


def test_check_names_the_scopes_that_are_missing(zoom):
    assert "every scope" in zoom.check()
    store.set_switch("zoom", "scopes", ["meeting:write:meeting:admin", "meeting:read:admin"])
    with pytest.raises(Refused) as refused:
        zoom.check()
    told = refused.value.reason
    assert told.endswith("then check again.")
    assert "meeting:delete:meeting:admin" in told
    assert "meeting:write:meeting:admin" not in told
    assert "meeting:read:meeting:admin" not in told  # the classic scope covers it
