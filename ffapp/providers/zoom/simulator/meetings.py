"""Meetings at the simulated API: create, read, list, change, delete, end.

Whoever changes one, the API or a host by hand, the event that Zoom would post is posted, also to
whoever caused it.
"""

from datetime import timedelta
from typing import Any

import flask

from ffapp.core import clock
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import answers, events, hosts, live, meeting_fields, state
from ffapp.providers.zoom.simulator.answers import (
    ZoomError,
    invalid,
    json_answer,
    no_meeting,
    nothing,
)
from ffapp.providers.zoom.simulator.api import body, endpoint, note
from ffapp.providers.zoom.simulator.state import MEETING, PROVIDER, Data


def change_meeting(old: Data, asked: Data) -> Data:
    """Those of the asked fields that take effect; raises ZoomError when one is refused."""
    new = meeting_fields.changed(asked, old, hosts.known(old))
    new = {name: value for name, value in new.items() if value != old.get(name)}
    state.edit_meeting(old["id"], lambda found: found.update(new))
    if new:
        events.meeting_updated(old, new)
    return new


def delete_meeting(found: Data) -> None:
    """Delete it; Zoom keeps it for a while. Raises ZoomError 3002 while it runs."""
    if found["state"] == "started":
        message = "Sorry, you cannot delete_meeting this meeting since it is in progress."
        raise ZoomError(400, 3002, message)
    state.edit_meeting(found["id"], lambda meeting: meeting.update(state="deleted"))
    events.meeting_deleted("meeting.deleted", found)


def recover_meeting(meeting_id: int) -> bool:
    """Bring a deleted meeting back; False when there is none to bring back."""
    was: list[Any] = []

    def back(meeting: Data) -> None:
        if meeting["state"] == "deleted":
            was.append(meeting["state"])
            meeting |= {"state": "waiting", "last_used": state.now()}

    found = state.edit_meeting(meeting_id, back)
    if found is not None and was:
        events.meeting_deleted("meeting.recovered", found)
    return bool(was)


def forget_meeting(meeting_id: int) -> None:
    """Delete a deleted meeting for good."""
    found = trashed_meeting(meeting_id)
    if found is not None:
        store.remove(PROVIDER, MEETING, str(meeting_id))
        events.meeting_deleted("meeting.permanently_deleted", found)


def trashed_meeting(meeting_id: int | str) -> Data | None:
    """A meeting that was deleted and can still be recovered."""
    found = store.get(PROVIDER, MEETING, str(meeting_id))
    return found if found is not None and found["state"] == "deleted" else None


blueprint = flask.Blueprint("meetings", __name__)
READ, WRITE = "meeting:read:admin", "meeting:write:admin"


@blueprint.post("/v2/users/<user_id>/meetings")
@endpoint("meeting.create", category="Light", scope="meeting:write:meeting", classic=WRITE)
def create(user_id: str) -> flask.Response:
    host = hosts.find(user_id)
    hosts.spend_change(host)
    asked = body()
    made = meeting_fields.of_new(asked, host)
    meeting_id = state.new_meeting_id()
    password = made.pop("password", None)
    if password is None:
        with_one = asked.get("default_password") is not False
        password = meeting_fields.passcode(meeting_id) if with_one else ""
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
    events.meeting_created(found, meeting_fields.join_url(found))
    return json_answer(meeting_fields.whole(found), 201)


@blueprint.get("/v2/users/<user_id>/meetings")
@endpoint("meeting.list", category="Medium", scope="meeting:read:list_meetings", classic=READ)
def list_meetings(user_id: str) -> flask.Response:
    host = hosts.find(user_id)
    asked = answers.query()
    kind = asked.get("type") or "scheduled"
    if kind not in KINDS:
        raise invalid(type="Invalid parameter: type.")
    found = [
        each
        for each in state.meetings_of(host.id)
        if each["type"] != meeting_fields.INSTANT and KINDS[kind](each)
    ]
    page = answers.page_of("meetings", found, asked)
    page["meetings"] = [meeting_fields.in_list(each) for each in page["meetings"]]
    return json_answer({**page, "page_number": 1})


@blueprint.get("/v2/meetings/<path:meeting_id>")
@endpoint("meeting.get", category="Light", scope="meeting:read:meeting", classic=READ)
def get(meeting_id: str) -> flask.Response:
    return json_answer(meeting_fields.whole(_found(meeting_id)))


@blueprint.patch("/v2/meetings/<path:meeting_id>")
@endpoint("meeting.update", category="Light", scope="meeting:update:meeting", classic=WRITE)
def update(meeting_id: str) -> flask.Response:
    old = _found(meeting_id)
    hosts.spend_change(hosts.find(old["host_email"]))
    new = change_meeting(old, body())
    note(changed=sorted(new), start_time=new.get("start_time", old["start_time"]))
    return nothing()


@blueprint.delete("/v2/meetings/<path:meeting_id>")
@endpoint("meeting.delete", category="Light", scope="meeting:delete:meeting", classic=WRITE)
def delete(meeting_id: str) -> flask.Response:
    delete_meeting(_found(meeting_id))
    return nothing()


@blueprint.put("/v2/meetings/<path:meeting_id>/status")
@endpoint("meeting.status", category="Light", scope="meeting:update:status", classic=WRITE)
def set_status(meeting_id: str) -> flask.Response:
    action = body().get("action")
    note(action=action)
    if action == "recover" and meeting_id.isdigit() and recover_meeting(int(meeting_id)):
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
