"""What the simulated Zoom posts: when, with which keys, how signed, how often."""

from datetime import timedelta

import pytest

from ffapp.core import config
from ffapp.providers.kit.webhooks import Post
from ffapp.providers.simulating import callbacks as deliveries
from ffapp.providers.simulating import store
from ffapp.providers.zoom import webhook
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import live_meetings
from tests.providers.zoom.lab import HOST, a_class, deliver_due


def test_a_class_from_creation_to_deletion(zoom, details, receiver):
    meeting = zoom.create_meeting(HOST, details)
    zoom.update_meeting(meeting.id, a_class(2, start_at=details.start_at + timedelta(hours=1)))
    live_meetings.start(meeting.id)
    live_meetings.leave(live_meetings.join(meeting.id, "Asha"))
    live_meetings.end(meeting.id)
    zoom.delete_meeting(meeting.id)
    deliver_due()
    assert receiver.names() == [
        "meeting.created",
        "meeting.updated",
        "meeting.started",
        "meeting.participant_joined",
        "recording.started",
        "meeting.participant_joined",
        "meeting.participant_left",
        "recording.stopped",
        "meeting.participant_left",
        "meeting.ended",
        "recording.completed",
        "recording.transcript_completed",
        "meeting.deleted",
    ]
    ids = {type(body["payload"]["object"]["id"]) for body in receiver.bodies("meeting.started")}
    assert ids == {str}
    for headers, raw in receiver.posts:
        event = webhook.parse(raw)
        assert event.name != webhook.UNKNOWN
        assert event.meeting_id == meeting.id
        webhook.verify(ZoomSettings.current(), Post(headers, raw))


def test_completed_follows_when_zoom_has_processed_the_recording(
    zoom, details, receiver, settings, business_clock
):
    config.use(settings.changed(simulator_speed=1))
    meeting = zoom.create_meeting(HOST, details)
    live_meetings.start(meeting.id)
    business_clock.forward(minutes=30)
    live_meetings.end(meeting.id)
    business_clock.forward(minutes=59)
    deliver_due()
    assert "recording.completed" not in receiver.names()
    business_clock.forward(minutes=62)
    deliver_due()
    (raw,) = [raw for _, raw in receiver.posts if b"recording.completed" in raw]
    event = webhook.parse(raw)
    found = zoom.recordings_of_meeting(meeting.id)
    assert event.file_ids == tuple(each.id for each in found.recording_files)
    assert timedelta(hours=1) <= event.at - event.start_time <= timedelta(hours=2.5)


@pytest.mark.parametrize(
    ("status", "tries"), [(200, 1), (204, 1), (302, 1), (401, 1), (404, 1), (500, 4), (503, 4)]
)
def test_only_server_errors_are_tried_again(
    zoom, details, receiver, settings, business_clock, status, tries
):
    config.use(settings.changed(simulator_speed=1))
    receiver.status = status
    zoom.create_meeting(HOST, details)
    for minutes in (0, 5, 20, 60, 60):
        business_clock.forward(minutes=minutes)
        deliver_due()
    assert len(receiver.posts) == tries
    assert len({raw for _, raw in receiver.posts}) == 1
    assert len({headers["X-Zm-Request-Id"] for headers, _ in receiver.posts}) == 1


def test_a_receiver_that_is_shut_is_tried_again(
    zoom, details, receiver, monkeypatch, business_clock
):
    def shut(environ, start_response):
        raise ConnectionRefusedError

    monkeypatch.setattr(deliveries._client._transport, "app", shut)
    zoom.create_meeting(HOST, details)
    deliver_due()
    monkeypatch.setattr(deliveries._client._transport, "app", receiver)
    business_clock.forward(minutes=5)
    deliver_due()
    assert receiver.names() == ["meeting.created"]


@pytest.mark.parametrize(
    ("tricks", "names"),
    [
        ({"drop": True}, []),
        ({"drop": ["meeting.started"]}, ["meeting.participant_joined"]),
        ({"duplicate": True}, ["meeting.started"] * 2 + ["meeting.participant_joined"] * 2),
        ({"reorder": True}, ["meeting.participant_joined", "meeting.started"]),
        ({"delay_seconds": 60}, []),
    ],
)
def test_webhooks_can_be_lost_doubled_reordered_and_delayed(
    zoom, receiver, business_clock, tricks, names
):
    meeting = zoom.create_meeting("norecording@school.test", a_class())
    deliver_due()
    receiver.posts.clear()
    store.set_switch("zoom", "webhooks", tricks)
    live_meetings.start(meeting.id)
    deliver_due()
    late = len(receiver.posts)
    business_clock.forward(seconds=3)
    deliver_due()
    assert receiver.names() == names
    assert late == (1 if "reorder" in tricks else len(names))
    if "duplicate" in tricks:
        ids = [headers["X-Zm-Request-Id"] for headers, _ in receiver.posts]
        assert ids[0] == ids[1] != ids[2]
    business_clock.forward(seconds=60)
    deliver_due()
    assert len(receiver.posts) == (2 if "delay_seconds" in tricks else len(names))
