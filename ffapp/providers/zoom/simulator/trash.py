"""The fate of cloud recordings at the simulated API: trash, deletion, recovery."""

import flask

from ffapp.providers.zoom.simulator import files, recording_events, state
from ffapp.providers.zoom.simulator.answers import invalid, no_recording, nothing
from ffapp.providers.zoom.simulator.api import body, endpoint
from ffapp.providers.zoom.simulator.recordings import finished, noted
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("trash", __name__)
WRITE = "recording:write:admin"


@blueprint.delete("/v2/meetings/<path:meeting_id>/recordings")
@endpoint(
    "recordings.delete",
    category="Light",
    scope="cloud_recording:delete:meeting_recording",
    classic=WRITE,
)
def delete(meeting_id: str) -> flask.Response:
    found = finished(meeting_id, deleting=True)
    throw_away(found, files.kept(found), _fate())
    return nothing()


@blueprint.delete("/v2/meetings/<path:meeting_id>/recordings/<file_id>")
@endpoint(
    "recordings.delete_file",
    category="Light",
    scope="cloud_recording:delete:recording_file",
    classic=WRITE,
)
def delete_file(meeting_id: str, file_id: str) -> flask.Response:
    found = finished(meeting_id, deleting=True)
    gone = [each for each in files.kept(found) if each["id"] == file_id]
    if not gone:
        raise no_recording()
    # unconfirmed: that the event names only this file
    throw_away(found, gone, _fate())
    return nothing()


@blueprint.put("/v2/meetings/<path:meeting_id>/recordings/status")
@endpoint(
    "recordings.recover",
    category="Light",
    scope="cloud_recording:update:recover_meeting_recordings",
    classic=WRITE,
)
def recover(meeting_id: str) -> flask.Response:
    found = _recoverable(meeting_id)
    bring_back(found, files.trashed(found))
    return nothing(200)  # unconfirmed: 204 in older documents


@blueprint.put("/v2/meetings/<path:meeting_id>/recordings/<file_id>/status")
@endpoint(
    "recordings.recover_file",
    category="Light",
    scope="cloud_recording:update:recover_meeting_recordings",
    classic=WRITE,
)
def recover_file(meeting_id: str, file_id: str) -> flask.Response:
    found = _recoverable(meeting_id)
    back = [each for each in files.trashed(found) if each["id"] == file_id]
    if not back:
        raise no_recording()

    bring_back(found, back)
    return nothing()


def throw_away(instance: Data, gone: list[Data], fate: str) -> None:
    """Move these files to the trash (`trashed`), or away for good (`deleted`)."""
    ids = [each["id"] for each in gone]

    def change(found: Data) -> None:
        found["trashed_files"] = [each for each in found["trashed_files"] if each not in ids]
        found[f"{fate}_files"] += ids
        if not files.kept(found):
            found["fate"] = fate

    found = state.edit_instance(instance["uuid"], change) or instance
    recording_events.changed(f"recording.{fate}", found, files.in_event(found, gone))


def bring_back(instance: Data, back: list[Data]) -> None:
    """Take these files out of the trash."""
    ids = [each["id"] for each in back]

    def change(found: Data) -> None:
        found["fate"] = "kept"
        found["trashed_files"] = [each for each in found["trashed_files"] if each not in ids]

    found = state.edit_instance(instance["uuid"], change) or instance
    recording_events.changed("recording.recovered", found, files.in_event(found, back))


def _recoverable(meeting_id: str) -> Data:
    found = noted(meeting_id)
    if body().get("action") != "recover":
        raise invalid(action="Invalid parameter: action.")
    if not found["trashed_files"]:
        raise no_recording()
    return found


def _fate() -> str:
    """Where the request wants the files to go."""
    action = flask.request.args.get("action", "trash")
    if action not in {"trash", "delete"}:
        raise invalid(action="Invalid parameter: action.")
    return "trashed" if action == "trash" else "deleted"
