"""Who is registered for a meeting, at the simulated API; each has a link of their own.

registrant   by id: meeting, e-mail, names, `status` (approved, cancelled), `token`
"""

import flask

from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire, wire_people
from ffapp.providers.zoom.simulator import answers, meeting_fields, state
from ffapp.providers.zoom.simulator.answers import (
    ZoomError,
    invalid,
    json_answer,
    no_meeting,
    nothing,
    root,
)
from ffapp.providers.zoom.simulator.api import body, endpoint, note
from ffapp.providers.zoom.simulator.state import PROVIDER, Data

blueprint = flask.Blueprint("registrants", __name__)
REGISTRANT = "registrant"
APPROVED, CANCELLED = "approved", "cancelled"
FIELDS = ("email", "first_name", "last_name")


@blueprint.post("/v2/meetings/<path:meeting_id>/batch_registrants")
@endpoint("registrant.batch", "meeting:write:batch_registrants")
def add_many(meeting_id: str) -> flask.Response:
    """At most thirty; all or none. They are approved at once."""
    meeting = _find_with_registration(meeting_id)
    asked = body().get("registrants")
    if not isinstance(asked, list) or not 1 <= len(asked) <= wire_people.REGISTRANTS_AT_A_TIME:
        raise invalid("registrants")
    checked = [_check(each) for each in asked]
    made = [register(meeting, *each) for each in checked]
    store.record_many(
        [
            {
                "provider": PROVIDER,
                "act": "registrant.add",
                "status": 201,
                "effect_id": wire_people.effect_id_of_address(email),
                "recipient": email,
                "facts": {"meeting_id": meeting["id"], "name": f"{first} {last}".strip()},
            }
            for email, first, last in checked
        ]
    )
    rows = [
        {"registrant_id": each["id"], "email": each["email"], "join_url": join_url(meeting, each)}
        for each in made
    ]
    return json_answer({"registrants": rows}, 201)


@blueprint.post("/v2/meetings/<path:meeting_id>/registrants")
@endpoint("registrant.add", "meeting:write:registrant")
def add(meeting_id: str) -> flask.Response:
    meeting = _find_with_registration(meeting_id)
    made = register(meeting, *_check(body()))
    note(recipient=made["email"], name=display_name(made))
    about = {"id": meeting["id"], "registrant_id": made["id"], "topic": meeting["topic"]}
    about["start_time"] = meeting["start_time"]
    return json_answer({**about, "join_url": join_url(meeting, made)}, 201)


@blueprint.get("/v2/meetings/<path:meeting_id>/registrants/<registrant_id>")
@endpoint("registrant.get", "meeting:read:registrant")
def get(meeting_id: str, registrant_id: str) -> flask.Response:
    meeting = _find_with_registration(meeting_id)
    found = store.get(PROVIDER, REGISTRANT, registrant_id)
    if found is None or found["meeting_id"] != meeting["id"]:
        # unconfirmed: the code and the words
        raise ZoomError(404, 300, f"Registrant does not exist: {registrant_id}.")
    return json_answer(_described(meeting, found))


@blueprint.get("/v2/meetings/<path:meeting_id>/registrants")
@endpoint("registrant.list", "meeting:read:list_registrants")
def list_registrants(meeting_id: str) -> flask.Response:
    meeting = _find_with_registration(meeting_id)
    asked = answers.query()
    wanted = asked.get("status") or APPROVED
    found = store.find(PROVIDER, REGISTRANT, meeting_id=meeting["id"], status=wanted)
    page = answers.page_of("registrants", found, asked, numbered=True)
    page["registrants"] = [_described(meeting, each) for each in page["registrants"]]
    return json_answer(page)


@blueprint.put("/v2/meetings/<path:meeting_id>/registrants/status")
@endpoint("registrant.status", "meeting:update:registrant_status")
def cancel(meeting_id: str) -> flask.Response:
    meeting = _find_with_registration(meeting_id)
    asked = body()
    if asked.get("action") != "cancel":
        raise invalid("action")
    named = {str(each.get("id")) for each in asked.get("registrants") or []}
    for each in store.find(PROVIDER, REGISTRANT, meeting_id=meeting["id"]):
        if each["id"] in named:
            store.edit(PROVIDER, REGISTRANT, each["id"], lambda it: it.update(status=CANCELLED))
    return nothing()


def by_token(meeting_id: int, token: str) -> Data | None:
    """The registrant with this personal link; None when it is unknown or cancelled."""
    found = store.find(PROVIDER, REGISTRANT, meeting_id=meeting_id, token=token)
    return found[0] if found and found[0]["status"] == APPROVED else None


def register(meeting: Data, email: str, first_name: str, last_name: str = "") -> Data:
    """The registrant with that address; who registers again stays who they were."""
    # unconfirmed: that the same address gives the same registrant
    key = state.word(f"registrant {meeting['id']} {email.lower()}", 22)
    known = store.get(PROVIDER, REGISTRANT, key)
    if known is not None and known["status"] != CANCELLED:
        return known
    made = {
        "id": key,
        "meeting_id": meeting["id"],
        "email": email.lower(),
        "first_name": first_name,
        "last_name": last_name,
        "status": APPROVED,
        "token": state.word(f"tk {meeting['id']} {email.lower()}", 43),
        "create_time": state.now(),
    }
    store.put(PROVIDER, REGISTRANT, key, made)
    return made


def _described(meeting: Data, found: Data) -> Data:
    names = ("id", *FIELDS, "status", "create_time")
    return {**{name: found[name] for name in names}, "join_url": join_url(meeting, found)}


def join_url(meeting: Data, registrant: Data) -> str:
    """Their own link: `/w/` with a token, where everybody else's is `/j/`."""
    pwd = meeting_fields.encrypted_password(meeting)
    return f"{root()}w/{meeting['id']}?tk={registrant['token']}&pwd={pwd}"


def display_name(registrant: Data) -> str:
    return f"{registrant['first_name']} {registrant['last_name']}".strip()


def _check(asked: Data) -> tuple[str, str, str]:
    """E-mail and names; raises ZoomError 300 naming what is wrong."""
    email, first, last = (str(asked.get(name) or "") for name in FIELDS)
    for name, is_good in (("email", "@" in email), ("first_name", first not in {"", "Refused"})):
        if not is_good:
            raise invalid(name, words=f"Invalid field: {name}.")
    return email, first, last


def _find_with_registration(meeting_id: str) -> Data:
    note(meeting_id=meeting_id)
    found = state.meeting(meeting_id)
    if found is None:
        raise no_meeting(meeting_id)
    note(recipient=found["host_email"])
    if found["settings"]["approval_type"] == wire.NO_REGISTRATION:
        raise ZoomError(400, 300, f"This meeting has not registration required: {found['id']}")
    return found
