"""Meetings at the simulated API: create, read, list, change, delete; and those that were held.

Each change, by the API or by a host's hand, posts the event that Zoom would post.
"""

from datetime import timedelta

import flask

from ffapp.core import clock
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import answers, events, hosts, meeting_fields, recurrence, state
from ffapp.providers.zoom.simulator.answers import (
    ZoomError,
    invalid,
    json_answer,
    no_meeting,
    nothing,
)
from ffapp.providers.zoom.simulator.api import body, endpoint, note
from ffapp.providers.zoom.simulator.state import MEETING, PROVIDER, Data


def change_meeting(old: Data, asked: Data, occurrence_id: str = "") -> Data:
    """Those of the asked fields that take effect; raises ZoomError when one is refused.

    Of one occurrence only the time is changed here.
    """
    new = meeting_fields.changed(asked, old, hosts.of_meeting(old))
    if occurrence_id:
        times = {name: new[name] for name in ("start_time", "duration") if name in new}
        new = {"occurrences": recurrence.changed(old, occurrence_id, **times)}
    return _change(old, new)


def _change(old: Data, new: Data) -> Data:
    new = {name: value for name, value in new.items() if value != old.get(name)}
    store.edit(PROVIDER, MEETING, str(old["id"]), lambda found: found.update(new))
    if new:
        events.meeting_updated(old, new)
    return new


def delete_meeting(found: Data) -> None:
    """Delete it; Zoom keeps it for a while. Raises ZoomError 3002 while it runs."""
    if found["state"] == "started":
        message = "Sorry, you cannot delete this meeting since it is in progress."
        raise ZoomError(400, 3002, message)
    if state.move(MEETING, found["id"], "waiting", state="deleted"):
        events.meeting_deleted("meeting.deleted", found)


def recover_meeting(meeting_id: int) -> None:
    """Bring a deleted meeting back."""
    found = state.move(MEETING, meeting_id, "deleted", state="waiting")
    if found:
        events.meeting_deleted("meeting.recovered", found)


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


@blueprint.post("/v2/users/<user_id>/meetings")
@endpoint("meeting.create", "meeting:write:meeting")
def create(user_id: str) -> flask.Response:
    host = hosts.find_for_change(user_id)
    made = meeting_fields.of_new(body(), host)
    meeting_id = state.new_meeting_id()
    found = {
        "id": meeting_id,
        "uuid": state.uuid_of(meeting_id, 0),
        "host_id": host.id,
        "host_email": host.email,
        "password": meeting_fields.passcode(meeting_id),
        **made,
        "created_at": state.now(),
        "state": "waiting",
        "live_uuid": None,
        "held": 0,
    }
    store.put(PROVIDER, MEETING, str(meeting_id), found)
    note(meeting_id=meeting_id, topic=found["topic"], start_time=found["start_time"])
    events.meeting_created(found, meeting_fields.join_url(found))
    return json_answer(meeting_fields.whole(found), 201)


@blueprint.get("/v2/users/<user_id>/meetings")
@endpoint("meeting.list", "meeting:read:list_meetings")
def list_meetings(user_id: str) -> flask.Response:
    host = hosts.find(user_id)
    asked = answers.query()
    kind = asked.get("type") or "scheduled"
    if kind not in KINDS:
        raise invalid("type")
    found = [each for each in state.meetings_of(host.id) if KINDS[kind](each)]
    first, last = answers.day(asked, "from"), answers.day(asked, "to")
    zone = clock.zone(asked.get("timezone") or "UTC")
    days = {each["id"]: state.instant(each["start_time"]).astimezone(zone).date() for each in found}
    found = [
        each
        for each in found
        if (first is None or first <= days[each["id"]])
        and (last is None or days[each["id"]] <= last)
    ]
    page = answers.page_of("meetings", found, asked, numbered=True)
    page["meetings"] = [meeting_fields.in_list(each) for each in page["meetings"]]
    return json_answer(page)


@blueprint.get("/v2/meetings/<path:meeting_id>")
@endpoint("meeting.get", "meeting:read:meeting")
def get(meeting_id: str) -> flask.Response:
    return json_answer(meeting_fields.whole(_found(meeting_id)))


@blueprint.get("/v2/meetings/<path:meeting_id>/invitation")
@endpoint("meeting.invitation", "meeting:read:invitation")
def invitation(meeting_id: str) -> flask.Response:
    return json_answer({"invitation": meeting_fields.invitation(_found(meeting_id))})


@blueprint.patch("/v2/meetings/<path:meeting_id>")
@endpoint("meeting.update", "meeting:update:meeting")
def update(meeting_id: str) -> flask.Response:
    old = _found(meeting_id)
    hosts.find_for_change(old["host_email"])
    new = change_meeting(old, body(), flask.request.args.get("occurrence_id", ""))
    note(changed=sorted(new), start_time=new.get("start_time", old["start_time"]))
    return nothing()


@blueprint.delete("/v2/meetings/<path:meeting_id>")
@endpoint("meeting.delete", "meeting:delete:meeting")
def delete(meeting_id: str) -> flask.Response:
    found, occurrence_id = _found(meeting_id), flask.request.args.get("occurrence_id", "")
    if occurrence_id:
        _change(found, {"occurrences": recurrence.changed(found, occurrence_id, status="deleted")})
    else:
        delete_meeting(found)
    return nothing()


def _found(meeting_id: str) -> Data:
    """The meeting that the path names; the journal says so. Raises ZoomError 404/3001."""
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


def _ran(found: Data) -> bool:
    return found["held"] > 0 and found["state"] != "started"


KINDS = {
    "scheduled": lambda found: True,
    "live": lambda found: found["state"] == "started",
    "upcoming": _is_upcoming,
    "upcoming_meetings": _is_upcoming,
    "previous_meetings": _ran,
}
