"""Cloud recordings at the simulated API, what a host does with them by hand, and their pages.

`/rec/download/` asks for an access token and sends on elsewhere; without one the answer is a page
and HTTP 200, as Zoom's is. The simulated Zoom keeps texts, no videos.
"""

from datetime import date, timedelta

import flask

from ffapp.core import clock, signing
from ffapp.providers.simulating import store
from ffapp.providers.simulating.answers import message, page
from ffapp.providers.zoom.simulator import answers, events, hosts, recording_files, scenarios, state
from ffapp.providers.zoom.simulator.answers import ZoomError, invalid, json_answer, no_recording
from ffapp.providers.zoom.simulator.api import endpoint, note, scopes_of_caller
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("recordings", __name__)
ADDRESS_SECONDS = 300
FILE = "zoom file"
MONTH = timedelta(days=28)  # the shortest


@blueprint.get("/v2/users/<user_id>/recordings")
@endpoint("recordings.list", "cloud_recording:read:list_user_recordings")
def of_host(user_id: str) -> flask.Response:
    host = hosts.find(user_id)
    _refuse_if_not_permitted()
    asked = answers.query()
    first, last = _range(asked)
    found = [each for each in state.instances_of_host(host.id) if _is_listed(each, first, last)]
    listed = answers.page_of("meetings", found, asked)
    listed["meetings"] = [recording_files.in_list(each) for each in listed["meetings"]]
    return json_answer({"from": first.isoformat(), "to": last.isoformat(), **listed})


@blueprint.get("/v2/meetings/<path:meeting_id>/recordings")
@endpoint("recordings.get", "cloud_recording:read:list_recording_files")
def of_meeting(meeting_id: str) -> flask.Response:
    """404/3301 where there is none, and until it has been processed."""
    _refuse_if_not_permitted()
    note(meeting_id=meeting_id)
    found = state.instance(meeting_id)
    if found is None:
        raise no_recording()
    note(meeting_id=found["meeting_id"], uuid=found["uuid"], recipient=found["host_email"])
    if recording_files.condition(found) != "completed" or scenarios.use_up("recordings_hidden"):
        raise no_recording()
    return json_answer(recording_files.whole(found, recording_files.kept(found)))


def throw_away(instance: Data, gone: list[Data], trash_state: str) -> None:
    """Move these files to the trash (`trashed`), or away for good (`deleted`)."""
    ids = [each["id"] for each in gone]

    def change(found: Data) -> None:
        found["trashed_files"] = [each for each in found["trashed_files"] if each not in ids]
        found[f"{trash_state}_files"] += ids
        if not recording_files.kept(found):
            found["trash_state"] = trash_state

    found = state.edit_instance(instance["uuid"], change) or instance
    # unconfirmed: that the event names only these files
    described = recording_files.whole(found, gone)
    events.recording_changed(f"recording.{trash_state}", found, described)


def bring_back(instance: Data, back: list[Data]) -> None:
    """Take these files out of the trash."""
    ids = [each["id"] for each in back]

    def change(found: Data) -> None:
        found["trash_state"] = "kept"
        found["trashed_files"] = [each for each in found["trashed_files"] if each not in ids]

    found = state.edit_instance(instance["uuid"], change) or instance
    events.recording_changed("recording.recovered", found, recording_files.whole(found, back))


def _refuse_if_not_permitted() -> None:
    if store.switch(state.PROVIDER, "no_permission"):
        raise ZoomError(200, 200, "No permission.")


def _is_listed(instance: Data, first: date, last: date) -> bool:
    day = state.instant(instance["start_time"]).date()
    condition = recording_files.condition(instance)
    return first <= day <= last and condition in {"processing", "completed"}


def _range(asked: dict[str, str]) -> tuple[date, date]:
    """UTC days, today and tomorrow by default; more than a month is clipped without a word."""
    today = clock.now().date()
    try:
        # Libraries send date-times too, in UTC.
        first = date.fromisoformat(asked.get("from", "")[:10] or f"{today}")
        last = date.fromisoformat(asked.get("to", "")[:10] or f"{today + timedelta(days=1)}")
    except ValueError as error:
        raise invalid("from", "to") from error
    return max(first, last - MONTH), last


@blueprint.get("/rec/download/<key>")
def download(key: str) -> flask.Response:
    flask.g.act = "recording.download"
    instance = state.instance(recording_files.uuid_in(key) or "none")
    note(uuid=instance and instance["uuid"])
    try:
        scopes_of_caller()
    except ZoomError:
        return message("Sign in", "Sign in to Zoom to download this file.", 200, "sign-in")
    named = [
        each for each in _files(instance, "TRANSCRIPT") if each["download_url"].endswith(f"/{key}")
    ]
    if instance is None or not named:
        flask.abort(404)
    # unconfirmed: that it is another address of the same host; Zoom's is that of a CDN
    signature = signing.sign(FILE, key)
    return flask.redirect(f"{answers.root()}rec/file/{key}?sig={signature}", 302)


@blueprint.get("/rec/file/<key>")
def file(key: str) -> flask.Response:
    """The file itself, at the signed address to which `download` redirects."""
    try:
        is_right = signing.unsign(FILE, flask.request.args.get("sig", ""), ADDRESS_SECONDS) == key
    except signing.BadLink:
        is_right = False
    instance = state.instance(recording_files.uuid_in(key) or "none") if is_right else None
    if instance is None:
        return message("Forbidden", "This address is too old.", 403, "expired")
    text = recording_files.vtt(instance, recording_files.segment_in(key))
    return flask.Response(text.encode(), content_type="text/vtt;charset=UTF-8")


@blueprint.get("/rec/play/<key>")
def watch(key: str) -> flask.Response:
    """The player; it asks for the passcode unless the link carries it as `pwd`."""
    instance = state.instance(recording_files.uuid_in(key) or "none")
    if instance and recording_files.condition(instance) == "processing":
        text = "It is still being processed. Come back later."
        return message("This recording is not ready", text, 404, "processing")
    chosen = [each for each in _files(instance, "MP4") if each["play_url"].endswith(f"/{key}")]
    if instance is None or not chosen:
        flask.abort(404)
    given = flask.request.args.get("pwd", "")
    if not _may_watch(instance, given):
        return page("passcode.html", 403, asks="This recording", tried=bool(given))
    began, ended = (state.instant(chosen[0][name]) for name in ("recording_start", "recording_end"))
    recorded = f"{began:%d %B %Y, %H:%M} to {ended:%H:%M} UTC"
    return page("watch.html", instance=instance, recorded=recorded)


def _files(instance: Data | None, kind: str) -> list[Data]:
    """The finished files of that type, as far as they are neither trashed nor deleted."""
    if instance is None or recording_files.condition(instance) != "completed":
        return []
    return [each for each in recording_files.kept(instance) if each["file_type"] == kind]


def _may_watch(instance: Data, given: str) -> bool:
    return given in recording_files.passcodes(instance).values()
