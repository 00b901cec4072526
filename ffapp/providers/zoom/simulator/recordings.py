"""Cloud recordings at the simulated API: per host, per meeting, settings, trash."""

from datetime import UTC, date, datetime, time, timedelta

import flask

from ffapp.core import clock
from ffapp.providers.zoom.simulator import answers, events, hosts, recording_files, scenarios, state
from ffapp.providers.zoom.simulator.answers import (
    ZoomError,
    invalid,
    json_answer,
    no_recording,
    nothing,
)
from ffapp.providers.zoom.simulator.api import body, endpoint, note
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("recordings", __name__)
READ = "recording:read:admin"


@blueprint.get("/v2/users/<user_id>/recordings")
@endpoint(
    "recordings.list",
    category="Medium",
    scope="cloud_recording:read:list_user_recordings",
    classic=READ,
)
def of_host(user_id: str) -> flask.Response:
    host = hosts.find(user_id)
    _refuse_if_not_permitted()
    asked = answers.query()
    first, last = _range(asked)
    trash = asked.get("trash", "").lower() == "true"
    found = [
        each
        for each in state.instances_of_host(host.id)
        if (_in_trash(each) if trash else _is_listed(each, first, last))
        and asked.get("meeting_id") in {None, "", str(each["meeting_id"])}
    ]
    page = answers.page_of("meetings", found, asked)
    page["meetings"] = [recording_files.in_list(each, trash=trash) for each in page["meetings"]]
    return json_answer({"from": first.isoformat(), "to": last.isoformat(), **page})


@blueprint.get("/v2/meetings/<path:meeting_id>/recordings")
@endpoint(
    "recordings.get",
    category="Light",
    scope="cloud_recording:read:list_recording_files",
    classic=READ,
)
def of_meeting(meeting_id: str) -> flask.Response:
    _refuse_if_not_permitted()
    found = finished(meeting_id)
    if scenarios.use_up("recordings_hidden"):
        raise no_recording()
    return json_answer(recording_files.whole(found))


@blueprint.get("/v2/meetings/<path:meeting_id>/recordings/settings")
@endpoint(
    "recordings.settings",
    category="Light",
    scope="cloud_recording:read:recording_settings",
    classic=READ,
)
def settings(meeting_id: str) -> flask.Response:
    found = finished(meeting_id)
    return json_answer(
        {
            "share_recording": "publicly",
            "recording_authentication": False,
            "password": recording_files.password(found),
            "viewer_download": False,
            "on_demand": False,
            "approval_type": 2,
            "send_email_to_host": False,
            "show_social_share_buttons": False,
            "topic": found["topic"],
            "auto_delete": False,
            "auto_delete_date": "",
        }
    )


def finished(meeting_id: str, *, deleting: bool = False) -> Data:
    """The instance whose recording is completed. Raises ZoomError: 404/3301, or 400/3303."""
    found = noted(meeting_id)
    condition = recording_files.condition(found)
    if condition == "processing" and deleting:
        raise ZoomError(400, 3303, "You can not delete an uncompleted meeting.")
    if condition == "processing":
        # unconfirmed: the words; the code is the same as for no recording at all
        raise ZoomError(404, 3301, "The recording is still being processed.")
    if condition != "completed":
        raise no_recording()
    return found


def noted(meeting_id: str) -> Data:
    """The instance that a path names; the journal hears of it. Raises ZoomError 404/3301."""
    note(meeting_id=meeting_id)
    found = state.instance(meeting_id)
    if found is None:
        raise no_recording()
    note(meeting_id=found["meeting_id"], uuid=found["uuid"], recipient=found["host_email"])
    return found


def _refuse_if_not_permitted() -> None:
    if scenarios.read("no_permission"):
        raise ZoomError(200, 200, "No permission.")


def _is_listed(instance: Data, first: date, last: date) -> bool:
    day = state.instant(instance["start_time"]).date()
    return first <= day <= last and recording_files.condition(instance) in {
        "processing",
        "completed",
    }


def _in_trash(instance: Data) -> bool:
    return bool(instance["trashed_files"])


def _range(asked: dict[str, str]) -> tuple[date, date]:
    """UTC days, today and tomorrow by default; more than a month is clipped without a word."""
    today = clock.now().date()
    first = _day("from", asked.get("from"), today)
    last = _day("to", asked.get("to"), today + timedelta(days=1))
    return max(first, _month_before(last)), last


def _day(name: str, text: str | None, default: date) -> date:
    """A date, or the UTC date of a date-time, which libraries send too."""
    if not text:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(**{name: f"Invalid parameter: {name}."}) from error
    if moment.tzinfo is None:
        moment = datetime.combine(moment.date(), time(), UTC)
    return moment.astimezone(UTC).date()


def _month_before(day: date) -> date:
    last_of_month_before = day.replace(day=1) - timedelta(days=1)
    return last_of_month_before.replace(day=min(day.day, last_of_month_before.day))


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
    throw_away(found, recording_files.kept(found), _wanted_trash_state())
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
    gone = [each for each in recording_files.kept(found) if each["id"] == file_id]
    if not gone:
        raise no_recording()
    # unconfirmed: that the event names only this file
    throw_away(found, gone, _wanted_trash_state())
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
    bring_back(found, recording_files.trashed(found))
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
    back = [each for each in recording_files.trashed(found) if each["id"] == file_id]
    if not back:
        raise no_recording()

    bring_back(found, back)
    return nothing()


def throw_away(instance: Data, gone: list[Data], trash_state: str) -> None:
    """Move these files to the trash (`trashed`), or away for good (`deleted`)."""
    ids = [each["id"] for each in gone]

    def change(found: Data) -> None:
        found["trashed_files"] = [each for each in found["trashed_files"] if each not in ids]
        found[f"{trash_state}_files"] += ids
        if not recording_files.kept(found):
            found["trash_state"] = trash_state

    found = state.edit_instance(instance["uuid"], change) or instance
    events.recording_changed(
        f"recording.{trash_state}", found, recording_files.in_event(found, gone)
    )


def bring_back(instance: Data, back: list[Data]) -> None:
    """Take these files out of the trash."""
    ids = [each["id"] for each in back]

    def change(found: Data) -> None:
        found["trash_state"] = "kept"
        found["trashed_files"] = [each for each in found["trashed_files"] if each not in ids]

    found = state.edit_instance(instance["uuid"], change) or instance
    events.recording_changed("recording.recovered", found, recording_files.in_event(found, back))


def _recoverable(meeting_id: str) -> Data:
    found = noted(meeting_id)
    if body().get("action") != "recover":
        raise invalid(action="Invalid parameter: action.")
    if not found["trashed_files"]:
        raise no_recording()
    return found


def _wanted_trash_state() -> str:
    """Where the request wants the files to go."""
    action = flask.request.args.get("action", "trash")
    if action not in {"trash", "delete"}:
        raise invalid(action="Invalid parameter: action.")
    return "trashed" if action == "trash" else "deleted"
