"""Meetings at the simulated API: create, read, list, change, delete, end."""

from datetime import timedelta
from typing import Any

import flask

from ffapp.core import clock
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import bodies, edits, events, fields, hosts, live, paging, state
from ffapp.providers.zoom.simulator.answers import (
    ZoomError,
    invalid,
    json_answer,
    no_meeting,
    nothing,
)
from ffapp.providers.zoom.simulator.api import body, endpoint, note
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("meetings", __name__)
READ, WRITE = "meeting:read:admin", "meeting:write:admin"


@blueprint.post("/v2/users/<user_id>/meetings")
@endpoint("meeting.create", category="Light", scope="meeting:write:meeting", classic=WRITE)
def create(user_id: str) -> flask.Response:
    host = hosts.find(user_id)
    hosts.spend_change(host)
    asked = body()
    made = fields.of_new(asked, host)
    meeting_id = state.new_meeting_id()
    password = made.pop("password", None)
    if password is None:
        with_one = asked.get("default_password") is not False
        password = bodies.passcode(meeting_id) if with_one else ""
    found = {
        "id": meeting_id,
        "uuid": state.uuid_of(meeting_id, 0),
        "host_id": host.id,
        "host_email": host.email,
        **made,
        "created_at": state.now(),
        "password": password,
        "state": "waiting",
        "live_uuid": None,
        "held": 0,
        "last_used": state.now(),
    }
    state.save_meeting(found)
    note(meeting_id=meeting_id, topic=found["topic"], start_time=found["start_time"])
    events.meeting_created(found, bodies.join_url(found))
    return json_answer(bodies.whole(found), 201)


@blueprint.get("/v2/users/<user_id>/meetings")
@endpoint("meeting.list", category="Medium", scope="meeting:read:list_meetings", classic=READ)
def list_meetings(user_id: str) -> flask.Response:
    host = hosts.find(user_id)
    asked = paging.query()
    kind = asked.get("type") or "scheduled"
    if kind not in KINDS:
        raise invalid(type="Invalid parameter: type.")
    found = [
        each
        for each in state.meetings_of(host.id)
        if each["type"] != fields.INSTANT and KINDS[kind](each)
    ]
    page = paging.page_of("meetings", found, asked)
    page["meetings"] = [bodies.in_list(each) for each in page["meetings"]]
    return json_answer({**page, "page_number": 1})


@blueprint.get("/v2/meetings/<path:meeting_id>")
@endpoint("meeting.get", category="Light", scope="meeting:read:meeting", classic=READ)
def get(meeting_id: str) -> flask.Response:
    return json_answer(bodies.whole(_found(meeting_id)))


@blueprint.patch("/v2/meetings/<path:meeting_id>")
@endpoint("meeting.update", category="Light", scope="meeting:update:meeting", classic=WRITE)
def update(meeting_id: str) -> flask.Response:
    old = _found(meeting_id)
    hosts.spend_change(hosts.find(old["host_email"]))
    new = edits.change(old, body())
    note(changed=sorted(new), start_time=new.get("start_time", old["start_time"]))
    return nothing()


@blueprint.delete("/v2/meetings/<path:meeting_id>")
@endpoint("meeting.delete", category="Light", scope="meeting:delete:meeting", classic=WRITE)
def delete(meeting_id: str) -> flask.Response:
    edits.delete(_found(meeting_id))
    return nothing()


@blueprint.put("/v2/meetings/<path:meeting_id>/status")
@endpoint("meeting.status", category="Light", scope="meeting:update:status", classic=WRITE)
def set_status(meeting_id: str) -> flask.Response:
    action = body().get("action")
    note(action=action)
    if action == "recover" and meeting_id.isdigit() and edits.recover(int(meeting_id)):
        return nothing()
    if action not in {"end", "recover"}:
        raise invalid(action="Invalid parameter: action.")
    found = _found(meeting_id)
    if action == "end" and not live.end(found["id"]):
        raise ZoomError(400, 3007, "Meeting has ended.")  # unconfirmed: for one never started
    return nothing()


@blueprint.patch("/v2/live_meetings/<path:meeting_id>/events")
@endpoint(
    "live.control", category="Medium", scope="meeting:update:in_meeting_controls", classic=WRITE
)
def control(meeting_id: str) -> flask.Response:
    """Starts and stops the recording; the answer only says that it was asked for."""
    method = body().get("method")
    if method not in {"recording.start", "recording.stop"}:
        raise invalid(method="Invalid parameter: method.")
    live.set_recording(_found(meeting_id)["id"], on=method == "recording.start")
    return nothing(202)


def _found(meeting_id: str) -> Data:
    """The meeting that the path names; the journal hears of it. Raises ZoomError 404/3001."""
    found = state.meeting(meeting_id)
    note(meeting_id=meeting_id)
    if found is None:
        raise no_meeting(meeting_id)
    in_request = flask.g.get("effect_id")
    note(
        meeting_id=found["id"],
        recipient=found["host_email"],
        effect_id=in_request or wire.effect_id_of(found["agenda"]),
    )
    return found


def _is_upcoming(found: Data) -> bool:
    end = state.instant(found["start_time"]) + timedelta(minutes=found["duration"])
    return found["state"] == "started" or end > clock.now()


KINDS: dict[str, Any] = {
    "scheduled": lambda found: True,
    "live": lambda found: found["state"] == "started",
    "upcoming": _is_upcoming,
    "upcoming_meetings": _is_upcoming,
    "previous_meetings": lambda found: found["held"] > 0 and found["state"] != "started",
}
