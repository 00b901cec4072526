"""Meetings that were held: details, instances, who took part."""

import flask

from ffapp.providers.zoom.simulator import answers, scenarios, state
from ffapp.providers.zoom.simulator.answers import json_answer, no_meeting
from ffapp.providers.zoom.simulator.api import endpoint, note
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("past", __name__)


@blueprint.get("/v2/past_meetings/<path:meeting_id>")
@endpoint("past.get", "meeting:read:past_meeting")
def get(meeting_id: str) -> flask.Response:
    found = _held(meeting_id)
    names = ("uuid", "host_id", "topic", "type", "start_time", "end_time")
    return json_answer({"id": found["meeting_id"], **{name: found[name] for name in names}})


@blueprint.get("/v2/past_meetings/<path:meeting_id>/instances")
@endpoint("past.instances", "meeting:read:list_past_instances")
def instances(meeting_id: str) -> flask.Response:
    note(meeting_id=meeting_id)
    if not meeting_id.isdigit() or state.meeting(meeting_id) is None:
        raise no_meeting(meeting_id)
    held = [each for each in state.instances_of(meeting_id) if each["end_time"]]
    rows = [{name: each[name] for name in ("uuid", "start_time")} for each in held]
    return json_answer({"meetings": rows})


@blueprint.get("/v2/past_meetings/<path:meeting_id>/participants")
@endpoint("past.participants", "meeting:read:list_past_participants")
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
    names = ("id", "name", "user_id", "registrant_id", "join_time", "leave_time")
    row = {name: person[name] for name in names}
    return {**row, "user_email": person["email"], "status": "in_meeting"}
