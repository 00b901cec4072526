"""A recording in the browser: the player, and downloading a file.

`/rec/play/` shows one file and `/rec/share/` all of them. `/rec/download/` asks for an access token
and sends on elsewhere; without one the answer is a page and HTTP 200, as Zoom's is. The simulated
Zoom keeps texts, no videos.
"""

import hmac

import flask

from ffapp.core import signing
from ffapp.providers.simulating.answers import message, page
from ffapp.providers.zoom.simulator import api, recording_files, state
from ffapp.providers.zoom.simulator.answers import ZoomError, root
from ffapp.providers.zoom.simulator.api import note
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("recording_pages", __name__)
ADDRESS_SECONDS = 300
FILE = "zoom file"


@blueprint.get("/rec/download/<key>")
def download(key: str) -> flask.Response:
    flask.g.act = "recording.download"
    uuid = recording_files.uuid_in(key)
    instance = state.instance(uuid or "none")
    note(uuid=uuid)
    if not _may_use_the_api():
        return message("Sign in", "Sign in to Zoom to download this file.", 200, "sign-in")
    found = _file(instance, key)
    if found is None:
        return message("Not found", "This file does not exist. (3,301)", 404, "gone")
    if found["file_type"] != recording_files.TRANSCRIPT:
        text = "The simulated Zoom keeps transcripts only; there is nothing to download here."
        return message("No film here", text, 404, "none")
    # unconfirmed: that it is another address of the same host; Zoom's is that of a CDN
    return flask.redirect(f"{root()}rec/file/{key}?sig={signing.sign(FILE, key)}", 302)


@blueprint.get("/rec/file/<key>")
def file(key: str) -> flask.Response:
    """The file itself, at the signed address to which `download` redirects."""
    try:
        right = signing.unsign(FILE, flask.request.args.get("sig", ""), ADDRESS_SECONDS) == key
    except signing.BadLink:
        right = False
    instance = state.instance(recording_files.uuid_in(key) or "none") if right else None
    if instance is None:
        return message("Forbidden", "This address is too old.", 403, "expired")
    text = recording_files.vtt(instance, recording_files.segment_in(key))
    return flask.Response(text.encode(), content_type="text/vtt;charset=UTF-8")


def _file(instance: Data | None, key: str) -> Data | None:
    """The file that the link names, if it is there."""
    if instance is None or recording_files.condition(instance) != "completed":
        return None
    named = [
        each for each in recording_files.kept(instance) if each["download_url"].endswith(f"/{key}")
    ]
    return named[0] if named else None


def _may_use_the_api() -> bool:
    try:
        scopes = api.scopes_of_caller()
    except ZoomError:
        return False
    return any("recording" in scope and ":read" in scope for scope in scopes)


@blueprint.get("/rec/play/<key>")
@blueprint.get("/rec/share/<key>")
def watch(key: str) -> flask.Response:
    """The player; it asks for the passcode unless the link carries it as `pwd`."""
    instance = state.instance(recording_files.uuid_in(key) or "none")
    condition = recording_files.condition(instance) if instance else "none"
    shown = _videos(instance) if instance and condition == "completed" else []
    chosen = [each for each in shown if each["play_url"].endswith(f"/{key}")] or shown
    if instance and condition == "processing":
        text = "It is still being processed. Come back later."
        return message("This recording is not ready", text, 404, "processing")
    if instance is None or not chosen:
        return message("Recording not found", "This recording does not exist. (3,301)", 404, "gone")
    given = flask.request.args.get("pwd", "")
    if not _may_watch(instance, given):
        return page("recording_passcode.html", 403, instance=instance, tried=bool(given))
    began, ended = (state.instant(chosen[0][name]) for name in ("recording_start", "recording_end"))
    return page(
        "watch.html",
        instance=instance,
        file=chosen[0],
        files=shown,
        pwd=given,
        recorded=f"{began:%d %B %Y, %H:%M} to {ended:%H:%M} UTC",
    )


def _videos(instance: Data) -> list[Data]:
    return [each for each in recording_files.kept(instance) if each["file_type"] == "MP4"]


def _may_watch(instance: Data, given: str) -> bool:
    right = (recording_files.password(instance), recording_files.play_passcode(instance))
    return any(hmac.compare_digest(given.encode(), each.encode()) for each in right)
