"""Meetings that were held: details, instances, who took part."""

from datetime import timedelta

import flask

from ffapp.providers.zoom.simulator import answers, scenarios, state
from ffapp.providers.zoom.simulator.answers import json_answer, no_meeting
from ffapp.providers.zoom.simulator.api import endpoint, note
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("past", __name__)
READ = "meeting:read:admin"


@blueprint.get("/v2/past_meetings/<path:meeting_id>")
@endpoint("past.get", category="Light", scope="meeting:read:past_meeting", classic=READ)
def get(meeting_id: str) -> flask.Response:
    found = _held(meeting_id)
    people = state.participants_of(found["uuid"])
    minutes = [_seconds(each) // 60 for each in people]
    return json_answer(
        {
            "id": found["meeting_id"],
            "uuid": found["uuid"],
            "duration": max(1, _minutes_between(found["start_time"], found["end_time"])),
            "start_time": found["start_time"],
            "end_time": found["end_time"],
            "host_id": found["host_id"],
            "dept": "",
            "participants_count": len(people),
            "source": "Zoom",
            "topic": found["topic"],
            "total_minutes": sum(minutes),
            "type": found["type"],
            "user_email": found["host_email"],
            "user_name": found["host_email"].partition("@")[0],
            "has_meeting_summary": False,
        }
    )


@blueprint.get("/v2/past_meetings/<path:meeting_id>/instances")
@endpoint(
    "past.instances", category="Medium", scope="meeting:read:list_past_instances", classic=READ
)
def instances(meeting_id: str) -> flask.Response:
    note(meeting_id=meeting_id)
    known = meeting_id.isdigit() and state.meeting(meeting_id) is not None
    held = state.instances_of(meeting_id) if known else []
    if not known:
        raise no_meeting(meeting_id)
    return json_answer(
        {
            "meetings": [
                {"uuid": each["uuid"], "start_time": each["start_time"]}
                for each in held
                if each["end_time"]
            ]
        }
    )


@blueprint.get("/v2/past_meetings/<path:meeting_id>/participants")
@endpoint(
    "past.participants",
    category="Medium",
    scope="meeting:read:list_past_participants",
    classic=READ,
)
def participants(meeting_id: str) -> flask.Response:
    """One row per join; nothing for a meeting of one person, nor until Zoom has counted them."""
    held = _held(meeting_id)
    if scenarios.use_up("participants_hidden"):
        raise no_meeting(meeting_id)
    people = state.participants_of(held["uuid"])
    rows = [_row(each) for each in people] if len(people) > 1 else []
    return json_answer(answers.page_of("participants", rows, answers.query()))


def _held(meeting_id: str) -> Data:
    """The latest instance, or the one named by UUID, once it has ended. Raises ZoomError."""
    note(meeting_id=meeting_id)
    if meeting_id.isdigit():
        ended = [each for each in state.instances_of(meeting_id) if each["end_time"]]
        found = ended[-1] if ended else None
    else:
        found = state.instance(meeting_id)
    if found is None or not found["end_time"]:
        raise no_meeting(meeting_id)
    return found


def _row(person: Data) -> Data:
    return {
        "id": person["id"],
        "name": person["name"],
        "user_id": person["user_id"],
        "registrant_id": person["registrant_id"],
        "user_email": person["email"],
        "join_time": person["join_time"],
        "leave_time": person["leave_time"],
        "duration": _seconds(person),
        "failover": False,
        "status": "in_meeting",
        "internal_user": bool(person["id"]),
    }


def _seconds(person: Data) -> int:
    stay = state.instant(person["leave_time"]) - state.instant(person["join_time"])
    return round(stay / timedelta(seconds=1))


def _minutes_between(start: str, end: str) -> int:
    return round((state.instant(end) - state.instant(start)) / timedelta(minutes=1))
