"""The meeting in the browser: `/j/` for who joins, `/w/` for a registrant, `/s/` for the host.

The address says which participant a browser window is (`p`), so that several students can use one
browser; nobody else can guess it.
"""

from urllib.parse import urlencode

import flask

from ffapp.core import clock, signing
from ffapp.providers.simulating import store
from ffapp.providers.simulating.answers import message, page
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import live_meetings, meeting_fields, registrants, state
from ffapp.providers.zoom.simulator.state import PARTICIPANT, PROVIDER, Data

blueprint = flask.Blueprint("meeting_pages", __name__)

START_LINK_SECONDS = 2 * 3600
RUNNING_LINK_SECONDS = 24 * 3600  # who has started the meeting stays its host


@blueprint.get("/w/<int:meeting_id>")
def registrant(meeting_id: int) -> flask.Response:
    return student(meeting_id, _registrant(meeting_id))


@blueprint.post("/w/<int:meeting_id>")
def registrant_acts(meeting_id: int) -> flask.Response:
    return student_acts(meeting_id, _registrant(meeting_id))


@blueprint.get("/j/<int:meeting_id>")
def student(meeting_id: int, known: Data | None = None) -> flask.Response:
    """`known` is the registrant whose own link this is."""
    meeting = _meeting(meeting_id)
    asked = flask.request.args
    if not _may_enter(meeting, asked.get("pwd", "")):
        asks = f"Meeting {number_with_spaces(meeting)}"
        return page("passcode.html", 403, asks=asks, tried="pwd" in asked)
    if known is None and _asks_for_registration(meeting):
        return page("register.html", meeting=meeting, number=number_with_spaces(meeting))
    person = live_meetings.arrive(asked["p"]) if asked.get("p") else None
    if person is None or person["meeting_id"] != meeting_id:
        return page(
            "join.html",
            meeting=meeting,
            number=number_with_spaces(meeting),
            name=asked.get("uname") or (registrants.display_name(known) if known else ""),
            left="left" in asked,
        )
    if person["state"] == "waiting":
        return page("waiting.html", meeting=meeting, person=person)
    return _seat(meeting, person)


@blueprint.post("/j/<int:meeting_id>")
def student_acts(meeting_id: int, known: Data | None = None) -> flask.Response:
    meeting = _meeting(meeting_id)
    if not _may_enter(meeting, flask.request.args.get("pwd", "")):
        flask.abort(404)
    form = flask.request.form
    if form.get("act") == "leave":
        person = store.get(PROVIDER, PARTICIPANT, form.get("p", ""))
        if person:
            live_meetings.leave(person["key"])
        return _back(uname=person["name"] if person else "", left="1")
    name = " ".join(form.get("name", "").split())[:64] or "Guest"
    account = form.get("account", "")
    if known is None and _asks_for_registration(meeting):
        found = registrants.register(meeting, account or f"{name}@guests.example", name)
        return flask.redirect(registrants.join_url(meeting, found), 303)
    return _back(p=live_meetings.join(meeting_id, name, account=account, registrant=known) or "")


@blueprint.get("/s/<int:meeting_id>")
def host(meeting_id: int) -> flask.Response:
    meeting = _meeting(meeting_id)
    if not is_host(meeting):
        return _start_link_too_old()
    uuid = meeting["live_uuid"]
    instance = state.instance(uuid) if uuid else None
    return page(
        "host.html",
        meeting=meeting,
        number=number_with_spaces(meeting),
        people=_present(uuid) if uuid else [],
        waiting=store.find(PROVIDER, PARTICIPANT, meeting_id=meeting_id, state="waiting"),
        recording=_records(instance),
        minutes=minutes_since(instance["start_time"]) if instance else 0,
        portal=f"{flask.request.script_root}/portal/{meeting_id}?"
        + urlencode({"zak": flask.request.args["zak"]}),
    )


@blueprint.post("/s/<int:meeting_id>")
def host_acts(meeting_id: int) -> flask.Response:
    if not is_host(_meeting(meeting_id)):
        return _start_link_too_old()
    act = flask.request.form.get("act")
    if act == "start":
        live_meetings.start(meeting_id)
    elif act == "end":
        live_meetings.end(meeting_id)
    elif act in ("record-start", "record-stop"):
        live_meetings.set_recording(meeting_id, on=act == "record-start")
    return _back(zak=flask.request.args["zak"])


def _seat(meeting: Data, person: Data) -> flask.Response:
    """The page of somebody who came in; the meeting may be over, or they may have left."""
    instance = state.instance(person["uuid"] or "") if person["uuid"] else None
    if person["state"] == "left" or instance is None:
        ended = instance is not None and instance["end_time"] is not None
        again = _address(uname=person["name"])
        return page("over.html", meeting=meeting, person=person, ended=ended, again=again)
    return page(
        "seat.html",
        meeting=meeting,
        person=person,
        people=_present(instance["uuid"]),
        recording=_records(instance),
        minutes=minutes_since(instance["start_time"]),
    )


def _present(uuid: str) -> list[Data]:
    return [each for each in state.participants_of(uuid) if each["state"] == "in"]


def _records(instance: Data | None) -> bool:
    return bool(instance and instance["segments"] and instance["segments"][-1]["end"] is None)


def _may_enter(meeting: Data, given: str) -> bool:
    """The link carries the encrypted passcode; people type the short one."""
    return given in {meeting["password"], meeting_fields.encrypted_password(meeting)}


def _asks_for_registration(meeting: Data) -> bool:
    return meeting["settings"]["approval_type"] != wire.NO_REGISTRATION


def is_host(meeting: Data) -> bool:
    """Whether the request carries the start link of the meeting, and not too old a one."""
    age = RUNNING_LINK_SECONDS if meeting["state"] == "started" else START_LINK_SECONDS
    given = flask.request.args.get("zak", "")
    try:
        return signing.unsign("zoom zak", given, age) == str(meeting["id"])
    except signing.BadLink:
        return False


def _back(**query: str) -> flask.Response:
    return flask.redirect(_address(**query), 303)


def _address(**query: str) -> str:
    """This page with the token and the passcode it was opened with, and `query`."""
    given = flask.request.args
    kept = {name: given[name] for name in ("tk", "pwd") if name in given}
    return f"{flask.request.script_root}{flask.request.path}?{urlencode({**kept, **query})}"


def _meeting(meeting_id: int) -> Data:
    return state.meeting(meeting_id) or flask.abort(404)


def _registrant(meeting_id: int) -> Data:
    """The registrant whose own link the request came by."""
    token = flask.request.args.get("tk", "")
    return registrants.by_token(meeting_id, token) or flask.abort(404)


def _start_link_too_old() -> flask.Response:
    text = "Start links work for two hours. Open the meeting from the programme for a fresh one."
    return message("This start link is too old", text, 403, "expired")


def minutes_since(moment: str) -> int:
    return int((clock.now() - state.instant(moment)) / clock.minutes(1))


def number_with_spaces(meeting: Data) -> str:
    """`850 1234 5678`, as Zoom writes the number of a meeting."""
    digits = str(meeting["id"])
    return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
