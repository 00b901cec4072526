"""Cloud recordings at the simulated API, what a host does with them by hand, and their pages.

`/rec/download/` asks for an access token and sends on elsewhere; without one the answer is a page
and HTTP 200, as Zoom's is. Videos are as long as Zoom says, and nothing is to be seen in them.
"""

from datetime import date

import flask

from ffapp.core import signing
from ffapp.providers.simulating import store
from ffapp.providers.simulating.answers import message, page
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import (
    answers,
    events,
    file_contents,
    hosts,
    recording_files,
    scenarios,
    state,
)
from ffapp.providers.zoom.simulator.answers import ZoomError, json_answer, no_recording
from ffapp.providers.zoom.simulator.api import bearer, endpoint, note, scopes_of_caller
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("recordings", __name__)
ADDRESS_SECONDS = 300
FILE = "zoom file"


@blueprint.get("/v2/users/<user_id>/recordings")
@endpoint("recordings.list", "cloud_recording:read:list_user_recordings")
def of_host(user_id: str) -> flask.Response:
    host = hosts.find(user_id)
    _refuse_if_not_permitted()
    asked = answers.query()
    first, last = answers.date_range(asked)
    found = [each for each in state.instances_of_host(host.id) if _is_listed(each, first, last)]
    listed = answers.page_of("meetings", found, asked)
    listed["meetings"] = [recording_files.in_list(each) for each in listed["meetings"]]
    return json_answer({"from": first.isoformat(), "to": last.isoformat(), **listed})


@blueprint.get("/v2/meetings/<path:meeting_id>/recordings/settings")
@endpoint("recordings.settings", "cloud_recording:read:recording_settings")
def settings(meeting_id: str) -> flask.Response:
    note(meeting_id=meeting_id)
    found = state.instance(meeting_id)
    if found is None or recording_files.condition(found) != "completed":
        raise no_recording()
    return json_answer(
        {
            "share_recording": "publicly",
            "recording_authentication": False,
            "password": recording_files.passcodes(found)["password"],
            "viewer_download": True,
            "on_demand": False,
            "approval_type": 2,
            "send_email_to_host": True,
            "show_social_share_buttons": False,
            "topic": found["topic"],
            "auto_delete": False,
        }
    )


@blueprint.get("/v2/meetings/<path:meeting_id>/transcript")
@endpoint("recordings.transcript", "cloud_recording:read:meeting_transcript")
def transcript(meeting_id: str) -> flask.Response:
    """What was said, of the first segment; while it is not to be had, the reason."""
    note(meeting_id=meeting_id)
    found = state.instance(meeting_id)
    if found is None or not found["end_time"] or not found["segments"]:
        raise ZoomError(404, 3322, "This meeting transcript does not exist.")
    written = [each for each in _files(found) if each["file_type"] == recording_files.TRANSCRIPT]
    about = {
        "meeting_id": found["uuid"],
        "account_id": ZoomSettings.current().account_id,
        "meeting_topic": found["topic"],
        "host_id": found["host_id"],
        "transcript_created_time": found["transcript_at"] if written else "",
        "can_download": bool(written),
        "auto_delete": False,
    }
    if written:
        return json_answer({**about, "download_url": written[0]["download_url"]})
    reason = "NO_TRANSCRIPT_DATA" if found["transcript_at"] is None else "NOT_READY"
    is_gone = recording_files.TRANSCRIPT in recording_files.gone_types(found)
    return json_answer(
        {**about, "download_restriction_reason": "DELETED_OR_TRASHED" if is_gone else reason}
    )


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


@blueprint.get("/rec/download/<key>")
def download(key: str) -> flask.Response:
    flask.g.act = "recording.download"
    instance = state.instance(recording_files.uuid_in(key) or "none")
    note(uuid=instance and instance["uuid"])
    if not _may_download(instance):
        return message("Sign in", "Sign in to Zoom to download this file.", 200, "sign-in")
    if _named(instance, "download_url", key) is None:
        flask.abort(404)
    # unconfirmed: that it is another address of the same host; Zoom's is that of a CDN
    signature = signing.sign(FILE, key)
    return flask.redirect(f"{answers.root()}rec/file/{key}?sig={signature}", 302)


def _may_download(instance: Data | None) -> bool:
    """By an access token, or the token that came with an event about this recording.

    It may stand in the address, which Zoom has called outdated for years.
    """
    in_query = flask.request.args.get("access_token")
    if store.switch(state.PROVIDER, "no_query_token"):
        in_query = None
    token = bearer() or in_query
    if token and instance and recording_files.is_download_token(token, instance):
        return True
    try:
        return bool(token and scopes_of_caller(token))
    except ZoomError:
        return False


@blueprint.get("/rec/file/<key>")
def file(key: str) -> flask.Response:
    """The file itself, at the signed address to which `download` redirects."""
    try:
        is_right = signing.unsign(FILE, flask.request.args.get("sig", ""), ADDRESS_SECONDS) == key
    except signing.BadLink:
        is_right = False
    instance = state.instance(recording_files.uuid_in(key) or "none") if is_right else None
    found = _named(instance, "download_url", key)
    if instance is None or found is None:
        return message("Forbidden", "This address is too old.", 403, "expired")
    number = recording_files.segment_in(key)
    content = file_contents.of(instance, number, found["file_type"], found["file_size"])
    kind = file_contents.TYPES[found["file_type"]]
    answer = flask.Response(content, content_type=kind)
    answer.headers["Content-Length"] = str(found["file_size"])
    return answer


@blueprint.get("/rec/share/<key>")
def share(key: str) -> flask.Response:
    """The whole recording: leads to its first video, with the passcode that it was asked with."""
    instance = state.instance(recording_files.uuid_in(key) or "none")
    videos = [each for each in _files(instance) if each["file_type"] == "MP4"]
    if not videos:
        flask.abort(404)
    query = flask.request.query_string.decode()
    return flask.redirect(videos[0]["play_url"] + (f"?{query}" if query else ""), 302)


@blueprint.get("/rec/play/<key>")
def watch(key: str) -> flask.Response:
    """The player; it asks for the passcode unless the link carries it as `pwd`."""
    instance = state.instance(recording_files.uuid_in(key) or "none")
    if instance and recording_files.condition(instance) == "processing":
        text = "It is still being processed. Come back later."
        return message("This recording is not ready", text, 404, "processing")
    chosen = _named(instance, "play_url", key)
    if instance is None or chosen is None:
        flask.abort(404)
    given = flask.request.args.get("pwd", "")
    if not _may_watch(instance, given):
        return page("passcode.html", 403, asks="This recording", tried=bool(given))
    began, ended = (state.instant(chosen[name]) for name in ("recording_start", "recording_end"))
    recorded = f"{began:%d %B %Y, %H:%M} to {ended:%H:%M} UTC"
    return page("watch.html", instance=instance, recorded=recorded)


def _files(instance: Data | None) -> list[Data]:
    """The finished files, as far as they are neither trashed nor deleted."""
    if instance is None or recording_files.condition(instance) != "completed":
        return []
    return recording_files.kept(instance)


def _named(instance: Data | None, name: str, key: str) -> Data | None:
    """The file whose address under `name` ends in that key."""
    found = (each for each in _files(instance) if each.get(name, "").endswith(f"/{key}"))
    return next(found, None)


def _may_watch(instance: Data, given: str) -> bool:
    return given in recording_files.passcodes(instance).values()
