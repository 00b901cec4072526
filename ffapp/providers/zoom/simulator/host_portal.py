"""Zoom's web portal for a host: changing a meeting, deleting it, the trash of its recordings.

The start link of a meeting makes its holder the host; the programme's admins come with a key of
their own (`key`), which opens every meeting.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import flask

from ffapp.core import clock, signing
from ffapp.providers.simulating import store
from ffapp.providers.simulating.answers import message, page
from ffapp.providers.zoom.simulator import (
    meeting_fields,
    meetings,
    recording_files,
    recordings,
    state,
)
from ffapp.providers.zoom.simulator.answers import ZoomError
from ffapp.providers.zoom.simulator.meeting_pages import is_host, number_with_spaces
from ffapp.providers.zoom.simulator.state import MEETING, PROVIDER, Data

blueprint = flask.Blueprint("host_portal", __name__)
KEY = "zoom host portal"
KEY_SECONDS = 24 * 3600
SHOWN = 50
FINISHED = {"completed", "trashed"}


def key() -> str:
    """What opens the portal for a day."""
    return signing.sign(KEY, "admin")


@blueprint.get("/portal")
def list_meetings() -> flask.Response:
    """The meetings of all hosts, those scheduled last first."""
    if not _has_key():
        return _closed()
    found = sorted(store.find(PROVIDER, MEETING), key=lambda each: each["start_time"], reverse=True)
    rows = [{**each, "url": _address(f"portal/{each['id']}")} for each in found[:SHOWN]]
    return page("host_portal.html", meetings=rows)


@blueprint.get("/portal/<int:meeting_id>")
def show_meeting(meeting_id: int, refused: str = "") -> flask.Response:
    found = _found(meeting_id)
    if found is None or not _may_open(found):
        return _closed()
    return page(
        "host_portal_meeting.html",
        422 if refused else 200,
        meeting=found,
        number=number_with_spaces(found),
        local=_local(found),
        recordings=[_recording(each) for each in state.instances_of(meeting_id)],
        refused=refused,
        portal=_address("portal") if _has_key() else None,
    )


@blueprint.post("/portal/<int:meeting_id>")
def change_by_hand(meeting_id: int) -> flask.Response:
    """Form: `act`, and what it needs: the fields of the meeting, or the `uuid` of a recording."""
    found = _found(meeting_id)
    if found is None or not _may_open(found):
        return _closed()
    act = ACTS.get(flask.request.form.get("act", "")) or flask.abort(400)
    try:
        act(found)
    except ZoomError as error:
        words = "; ".join((error.fields or {}).values()) or error.message
        return show_meeting(meeting_id, refused=words)
    if _found(meeting_id) is None:
        return message("Deleted for good", "This meeting cannot be recovered.", 200, "gone")
    return flask.redirect(_address(f"portal/{meeting_id}"), 303)


def _save(found: Data) -> None:
    form = flask.request.form
    asked = {name: form.get(name, "") for name in ("topic", "duration")}
    # Without a zone: local to the meeting's.
    meetings.change_meeting(found, {**asked, "start_time": form.get("start", "")})


def _new_passcode(found: Data) -> None:
    count = store.count(PROVIDER, f"passcodes of {found['id']}")
    meetings.change_meeting(found, {"password": meeting_fields.passcode(found["id"] + count)})


def _move_recording(found: Data) -> None:
    """To the trash, out of it again, or away for good from where it lies."""
    held = _held(found)
    if held is None:
        return
    kept, trashed = recording_files.kept(held), recording_files.trashed(held)
    match flask.request.form["act"]:
        case "trash" if kept:
            recordings.throw_away(held, kept, "trashed")
        case "untrash" if trashed:
            recordings.bring_back(held, trashed)
        case "destroy":
            recordings.throw_away(held, kept or trashed, "deleted")


ACTS: dict[str, Any] = {
    "save": _save,
    "passcode": _new_passcode,
    "delete": meetings.delete_meeting,
    "recover": lambda found: meetings.recover_meeting(found["id"]),
    "forget": lambda found: meetings.forget_meeting(found["id"]),
    **dict.fromkeys(("trash", "untrash", "destroy"), _move_recording),
}


def _held(found: Data) -> Data | None:
    """The recording that the form names, when it is one of this meeting's and is finished."""
    held = state.instance(flask.request.form.get("uuid", "") or "none")
    is_its = held is not None and held["meeting_id"] == found["id"]
    return held if is_its and recording_files.condition(held) in FINISHED else None


def _recording(held: Data) -> Data:
    began, condition = state.instant(held["start_time"]), recording_files.condition(held)
    is_finished = condition in FINISHED
    return {
        "uuid": held["uuid"],
        "condition": condition,
        "began": f"{began:%d %B %Y, %H:%M} UTC",
        "files": len(recording_files.kept(held)) if is_finished else 0,
        "trashed": len(recording_files.trashed(held)) if is_finished else 0,
    }


def _local(found: Data) -> str:
    """The start as a form writes it, on the wall clock of the meeting's zone."""
    there = clock.local(datetime.fromisoformat(found["start_time"]), found["timezone"])
    return f"{there:%Y-%m-%dT%H:%M:%S}".removesuffix(":00")


def _found(meeting_id: int) -> Data | None:
    return state.meeting(meeting_id) or meetings.trashed_meeting(meeting_id)


def _may_open(found: Data) -> bool:
    return _has_key() or is_host(found)


def _has_key() -> bool:
    try:
        signing.unsign(KEY, flask.request.args.get("key", ""), KEY_SECONDS)
    except signing.BadLink:
        return False
    return True


def _address(path: str) -> str:
    """Another page of the portal, opened by what this one was opened with."""
    given = {name: text for name, text in flask.request.args.items() if name in {"key", "zak"}}
    return f"{flask.request.script_root}/{path}?{urlencode(given)}"


def _closed() -> flask.Response:
    text = "Open the portal from the simulator's overview, or a meeting by its start link."
    return message("Sign in", text, 403, "sign-in")
