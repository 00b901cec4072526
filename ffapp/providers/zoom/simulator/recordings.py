"""Cloud recordings at the simulated API: per host, per meeting, and their settings."""

from datetime import UTC, date, datetime, time, timedelta

import flask

from ffapp.core import clock
from ffapp.providers.zoom.simulator import files, hosts, paging, state, switches
from ffapp.providers.zoom.simulator.answers import (
    ZoomError,
    invalid,
    json_answer,
    no_recording,
)
from ffapp.providers.zoom.simulator.api import endpoint, note
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
    asked = paging.query()
    first, last = _range(asked)
    trash = asked.get("trash", "").lower() == "true"
    found = [
        each
        for each in state.instances_of_host(host.id)
        if (_in_trash(each) if trash else _is_listed(each, first, last))
        and asked.get("meeting_id") in {None, "", str(each["meeting_id"])}
    ]
    page = paging.page_of("meetings", found, asked)
    page["meetings"] = [files.in_list(each, trash=trash) for each in page["meetings"]]
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
    if switches.use_up("recordings_hidden"):
        raise no_recording()
    return json_answer(files.whole(found))


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
            "password": files.password(found),
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
    condition = files.condition(found)
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
    if switches.read("no_permission"):
        raise ZoomError(200, 200, "No permission.")


def _is_listed(instance: Data, first: date, last: date) -> bool:
    day = state.instant(instance["start_time"]).date()
    return first <= day <= last and files.condition(instance) in {"processing", "completed"}


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
