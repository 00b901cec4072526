"""Helpers of the tests of Zoom: a class to create, the journal, faults, a clock, a receiver."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from ffapp.core import clock, config
from ffapp.providers.simulating import callbacks, store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.simulator import live_meetings, recording_files, recordings, state
from tests.providers import receiver

HOST = "educator@school.test"
SAMPLES = Path(__file__).parent / "samples"


def fetch_token(client: httpx.Client, settings: config.Settings, **asked: str) -> dict[str, Any]:
    zoom = settings.providers["zoom"]
    form = {"grant_type": "account_credentials", "account_id": zoom.account_id, **asked}
    basic = (zoom.client_id, zoom.client_secret)
    return client.post(zoom.token_url, data=form, auth=basic).json()


def a_class(effect_id: int = 41, **changes: Any) -> wire.MeetingDetails:
    start = clock.now().replace(microsecond=0) + timedelta(days=2)
    about = {
        "marker": wire.marker(effect_id),
        "topic": "Cohort 7 – Week 2",
        "agenda": "Pricing",
        "start_at": start,
        "timezone": "Asia/Kolkata",
        "minutes": 60,
    }
    return wire.MeetingDetails(**{**about, **changes})


def hold(zoom: ZoomClient, host: str = HOST, effect_id: int = 41) -> wire.Meeting:
    """A class that was held and has just ended."""
    meeting = zoom.create_meeting(host, a_class(effect_id))
    live_meetings.start(meeting.id)
    live_meetings.end(meeting.id)
    return meeting


def throw_away_recording(meeting: wire.Meeting) -> None:
    """The host moves the recording of the meeting's latest instance to the trash, by hand."""
    held = state.instances_of(meeting.id)[-1]
    recordings.throw_away(held, recording_files.kept(held), "trashed")


class Receiver(receiver.Receiver):
    """Our webhook receiver, which keeps every post of Zoom."""

    def bodies(self, event: str | None = None) -> list[dict[str, Any]]:
        found = [json.loads(raw) for _, raw in self.posts]
        return [each for each in found if event in {None, each["event"]}]

    def names(self) -> list[str]:
        return [each["event"] for each in self.bodies()]


def deliver_due() -> None:
    callbacks.deliver()


def journal(act: str | None = None) -> list[Any]:
    return receiver.journal("zoom", act)


def fault(kind: str, **more: Any) -> None:
    store.set_switch("zoom", "fault", {"kind": kind, **more})


class Clock:
    """A business clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)
