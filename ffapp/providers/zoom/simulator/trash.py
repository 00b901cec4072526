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
    action = _action()
    gone = files.kept(found)

    def change(instance: Data) -> None:
        instance["fate"] = "trashed" if action == "trash" else "deleted"
        instance[f"{instance['fate']}_files"] += [each["id"] for each in gone]

    found = state.edit_instance(found["uuid"], change) or found
    recording_events.changed(f"recording.{found['fate']}", found, files.in_event(found, gone))
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
    fate = "trashed" if _action() == "trash" else "deleted"

    def change(instance: Data) -> None:
        instance[f"{fate}_files"].append(file_id)
        if not files.kept(instance):
            instance["fate"] = fate

    found = state.edit_instance(found["uuid"], change) or found
    # unconfirmed: that the event names only this file
    recording_events.changed(f"recording.{fate}", found, files.in_event(found, gone))
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
    back = files.trashed(found)

    def change(instance: Data) -> None:
        instance |= {"fate": "kept", "trashed_files": []}

    found = state.edit_instance(found["uuid"], change) or found
    recording_events.changed("recording.recovered", found, files.in_event(found, back))
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

    def change(instance: Data) -> None:
        instance["fate"] = "kept"
        instance["trashed_files"].remove(file_id)

    found = state.edit_instance(found["uuid"], change) or found
    recording_events.changed("recording.recovered", found, files.in_event(found, back))
    return nothing()


def _recoverable(meeting_id: str) -> Data:
    found = noted(meeting_id)
    if body().get("action") != "recover":
        raise invalid(action="Invalid parameter: action.")
    if not found["trashed_files"]:
        raise no_recording()
    return found


def _action() -> str:
    action = flask.request.args.get("action", "trash")
    if action not in {"trash", "delete"}:
        raise invalid(action="Invalid parameter: action.")
    return action
