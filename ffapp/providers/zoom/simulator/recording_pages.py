"""A recording in the browser: the player, and downloading a file.

`/rec/download/` asks for an access token; without one the answer is a page and HTTP 200, as Zoom's
is. The simulated Zoom keeps texts, no videos.
"""

import flask

from ffapp.providers.simulating.answers import message, page
from ffapp.providers.zoom.simulator import api, recording_files, state
from ffapp.providers.zoom.simulator.answers import ZoomError
from ffapp.providers.zoom.simulator.api import note
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("recording_pages", __name__)


@blueprint.get("/rec/download/<key>")
def download(key: str) -> flask.Response:
    flask.g.act = "recording.download"
    instance = state.instance(recording_files.uuid_in(key) or "none")
    note(uuid=instance and instance["uuid"])
    try:
        api.scopes_of_caller()
    except ZoomError:
        return message("Sign in", "Sign in to Zoom to download this file.", 200, "sign-in")
    named = [
        each for each in _files(instance, "TRANSCRIPT") if each["download_url"].endswith(f"/{key}")
    ]
    if instance is None or not named:
        return message("Not found", "There is no such transcript. (3,301)", 404, "gone")
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
        return message("Recording not found", "This recording does not exist. (3,301)", 404, "gone")
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
