"""Cloud recordings at the simulated API: per host and per meeting; and what a host does by hand."""

from datetime import date, timedelta

import flask

from ffapp.core import clock
from ffapp.providers.zoom.simulator import answers, events, hosts, recording_files, scenarios, state
from ffapp.providers.zoom.simulator.answers import ZoomError, invalid, json_answer, no_recording
from ffapp.providers.zoom.simulator.api import endpoint, note
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("recordings", __name__)
MONTH = timedelta(days=28)  # the shortest


@blueprint.get("/v2/users/<user_id>/recordings")
@endpoint("recordings.list", "cloud_recording:read:list_user_recordings")
def of_host(user_id: str) -> flask.Response:
    host = hosts.find(user_id)
    _refuse_if_not_permitted()
    asked = answers.query()
    first, last = _range(asked)
    found = [each for each in state.instances_of_host(host.id) if _is_listed(each, first, last)]
    page = answers.page_of("meetings", found, asked)
    page["meetings"] = [recording_files.in_list(each) for each in page["meetings"]]
    return json_answer({"from": first.isoformat(), "to": last.isoformat(), **page})


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
    if scenarios.read("no_permission"):
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
