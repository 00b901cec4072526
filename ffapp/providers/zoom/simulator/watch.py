"""A recording in the browser: `/rec/play/` for one file, `/rec/share/` for all of them."""

import hmac

import flask

from ffapp.providers.zoom.simulator import files, state
from ffapp.providers.zoom.simulator.pages import message, page
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("watch", __name__)


@blueprint.get("/rec/play/<key>")
@blueprint.get("/rec/share/<key>")
def watch(key: str) -> flask.Response:
    """The player; it asks for the passcode unless the link carries it as `pwd`."""
    instance = state.instance(files.uuid_in(key) or "none")
    condition = files.condition(instance) if instance else "none"
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
    return [each for each in files.kept(instance) if each["file_type"] == "MP4"]


def _may_watch(instance: Data, given: str) -> bool:
    right = (files.password(instance), files.play_passcode(instance))
    return any(hmac.compare_digest(given.encode(), each.encode()) for each in right)
