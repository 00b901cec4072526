"""Meetings that were held, at the simulated API: past meetings, and the reports about them."""

from typing import Any

import flask

from ffapp.providers.zoom.simulator import answers, hosts, scenarios, state
from ffapp.providers.zoom.simulator.answers import json_answer, no_meeting
from ffapp.providers.zoom.simulator.api import endpoint, note
from ffapp.providers.zoom.simulator.state import Data

blueprint = flask.Blueprint("past_meetings", __name__)


@blueprint.get("/v2/past_meetings/<path:meeting_id>")
@endpoint("past.get", "meeting:read:past_meeting")
def get_past(meeting_id: str) -> flask.Response:
    return json_answer(_described(_held(meeting_id)))


@blueprint.get("/v2/past_meetings/<path:meeting_id>/instances")
@endpoint("past.instances", "meeting:read:list_past_instances")
def list_instances(meeting_id: str) -> flask.Response:
    note(meeting_id=meeting_id)
    if not meeting_id.isdigit() or state.meeting(meeting_id) is None:
        raise no_meeting(meeting_id)
    held = [each for each in state.instances_of(meeting_id) if each["end_time"]]
    rows = [{name: each[name] for name in ("uuid", "start_time")} for each in held]
    return json_answer({"meetings": rows})


@blueprint.get("/v2/past_meetings/<path:meeting_id>/participants")
@endpoint("past.participants", "meeting:read:list_past_participants")
def list_participants(meeting_id: str) -> flask.Response:
    """One row per join; nothing for a meeting of one person, nor until Zoom has counted them."""
    return _participants(meeting_id, _row)


@blueprint.get("/v2/report/meetings/<path:meeting_id>/participants")
@endpoint("report.participants", "report:read:list_meeting_participants")
def report_participants(meeting_id: str) -> flask.Response:
    """The same rows; who registered is told only where `include_fields` asks for it."""
    asks = "registrant_id" in flask.request.args.get("include_fields", "")

    def row(person: Data) -> Data:
        found = {**_row(person), "participant_user_id": person["id"], "bo_mtg_id": ""}
        if not asks:
            del found["registrant_id"]
        return found

    return _participants(meeting_id, row)


@blueprint.get("/v2/report/users")
@endpoint("report.hosts", "report:read:list_users")
def report_hosts() -> flask.Response:
    """Who held meetings in the days asked for; with `type=inactive`, who held none."""
    asked = answers.query()
    first, last = answers.date_range(asked)
    wants_active = asked.get("type") != "inactive"
    rows = []
    for host in hosts.known():
        held = [each for each in state.instances_of_host(host.id) if _is_in(each, first, last)]
        if bool(held) == wants_active:
            rows.append({**hosts.described(host), "meetings": len(held)})
    page = answers.page_of("users", rows, asked, numbered=True)
    return json_answer({"from": f"{first}", "to": f"{last}", **page})


@blueprint.get("/v2/report/users/<user_id>/meetings")
@endpoint("report.meetings", "report:read:user")
def report_meetings(user_id: str) -> flask.Response:
    host, asked = hosts.find(user_id), answers.query()
    first, last = answers.date_range(asked)
    held = [each for each in state.instances_of_host(host.id) if _is_in(each, first, last)]
    page = answers.page_of("meetings", held, asked)
    page["meetings"] = [_described(each) for each in page["meetings"]]
    return json_answer({"from": f"{first}", "to": f"{last}", **page})


def _is_in(instance: Data, first: Any, last: Any) -> bool:
    ended = bool(instance["end_time"])
    return ended and first <= state.instant(instance["start_time"]).date() <= last


def _participants(meeting_id: str, row: Any) -> flask.Response:
    held = _held(meeting_id)
    if scenarios.use_up("participants_hidden"):
        raise no_meeting(meeting_id)
    people = state.participants_of(held["uuid"])
    rows = [row(each) for each in people] if len(people) > 1 else []
    return json_answer(answers.page_of("participants", rows, answers.query()))


def _held(meeting_id: str) -> Data:
    """The latest instance, or the one named by UUID, once it has ended. Raises ZoomError."""
    note(meeting_id=meeting_id)
    if meeting_id.isdigit():
        ended = [each for each in state.instances_of(meeting_id) if each["end_time"]]
        found = ended[-1] if ended else None
    else:
        found = state.instance(meeting_id)
    if found is None or not found["end_time"]:
        raise no_meeting(meeting_id)
    return found


def _described(held: Data) -> Data:
    people = state.participants_of(held["uuid"])
    return {
        "uuid": held["uuid"],
        "id": held["meeting_id"],
        "host_id": held["host_id"],
        "type": held["type"],
        "topic": held["topic"],
        "user_name": hosts.display_name(held["host_email"]),
        "user_email": held["host_email"],
        "start_time": held["start_time"],
        "end_time": held["end_time"],
        "duration": -(-_seconds(held["start_time"], held["end_time"]) // 60),
        "total_minutes": sum(-(-_stay(each) // 60) for each in people),
        "participants_count": len({each["name"] for each in people}),
        "dept": "",
        "source": "Zoom",
        "has_meeting_summary": False,
    }


def _row(person: Data) -> Data:
    return {
        "id": person["id"],
        "name": person["name"],
        "user_id": person["user_id"],
        "registrant_id": person["registrant_id"],
        "user_email": person["email"],
        "join_time": person["join_time"],
        "leave_time": person["leave_time"],
        "duration": _stay(person),
        "failover": False,
        "status": "in_meeting",
        "internal_user": bool(person["id"]),
    }


def _stay(person: Data) -> int:
    return _seconds(person["join_time"], person["leave_time"] or person["join_time"])


def _seconds(first: str, last: str) -> int:
    return round((state.instant(last) - state.instant(first)).total_seconds())
