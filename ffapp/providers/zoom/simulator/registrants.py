"""Who is registered for a meeting, at the simulated API; each has a link of their own.

registrant   by id: meeting, e-mail, names, `status` (approved, pending, cancelled), `token`
"""

from typing import Any

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
READ, WRITE = "meeting:read:admin", "meeting:write:admin"
REGISTRANT = "registrant"
APPROVED, PENDING, CANCELLED = "approved", "pending", "cancelled"
STATUS_OF = {"approve": APPROVED, "cancel": CANCELLED, "deny": "denied"}
EMAIL_LENGTH = 128


@blueprint.post("/v2/meetings/<path:meeting_id>/registrants")
@endpoint("registrant.one", category="Light", scope="meeting:write:registrant", classic=WRITE)
def add_one(meeting_id: str) -> flask.Response:
    meeting = _asks_for_registration(meeting_id)
    (made,) = _register(meeting, [body()], approve=body().get("auto_approve") is True)
    return json_answer(
        {
            "registrant_id": made["id"],
            "id": meeting["id"],
            "topic": meeting["topic"],
            "start_time": meeting["start_time"],
            **_link(meeting, made),
        },
        201,
    )


@blueprint.post("/v2/meetings/<path:meeting_id>/batch_registrants")
@endpoint(
    "registrant.batch", category="Heavy", scope="meeting:write:batch_registrants", classic=WRITE
)
def add_many(meeting_id: str) -> flask.Response:
    """At most thirty; all or none."""
    meeting = _asks_for_registration(meeting_id)
    asked = body().get("registrants")
    if not isinstance(asked, list) or not 1 <= len(asked) <= wire_people.REGISTRANTS_AT_A_TIME:
        raise invalid(registrants="Invalid parameter: registrants.")
    made = _register(meeting, asked, approve=body().get("auto_approve") is True)
    answers = [
        {"registrant_id": each["id"], "email": each["email"], **_link(meeting, each)}
        for each in made
    ]
    return json_answer({"registrants": answers}, 201)


@blueprint.get("/v2/meetings/<path:meeting_id>/registrants")
@endpoint("registrant.list", category="Medium", scope="meeting:read:list_registrants", classic=READ)
def list_registrants(meeting_id: str) -> flask.Response:
    meeting = _asks_for_registration(meeting_id)
    asked = answers.query()
    wanted = asked.get("status") or APPROVED
    found = [each for each in of_meeting(meeting["id"]) if each["status"] == wanted]
    page = answers.page_of("registrants", found, asked)
    page["registrants"] = [
        {
            **{name: each[name] for name in ("id", "first_name", "last_name", "email", "status")},
            "create_time": each["create_time"],
            **_link(meeting, each),
        }
        for each in page["registrants"]
    ]
    return json_answer(page)


@blueprint.put("/v2/meetings/<path:meeting_id>/registrants/status")
@endpoint(
    "registrant.status", category="Medium", scope="meeting:update:registrant_status", classic=WRITE
)
def set_status(meeting_id: str) -> flask.Response:
    meeting = _asks_for_registration(meeting_id)
    asked = body()
    status = STATUS_OF.get(str(asked.get("action")))
    if status is None:
        raise invalid(action="Invalid parameter: action.")
    named = {str(each.get("id")) for each in asked.get("registrants") or []}
    for each in of_meeting(meeting["id"]):
        if each["id"] in named:
            store.edit(PROVIDER, REGISTRANT, each["id"], lambda it: it.update(status=status))
    return nothing()


def of_meeting(meeting_id: int) -> list[Data]:
    """Everybody who ever registered, in order."""
    return store.find(PROVIDER, REGISTRANT, meeting_id=meeting_id)


def by_token(meeting_id: int, token: str) -> Data | None:
    """Whose personal link this is; None when it is nobody's, or not any more."""
    found = store.find(PROVIDER, REGISTRANT, meeting_id=meeting_id, token=token)
    return found[0] if found and found[0]["status"] == APPROVED else None


def register(
    meeting: Data, email: str, first_name: str, last_name: str = "", *, approve: bool = False
) -> Data:
    """The registrant with that address; who registers again stays who they were."""
    waits = meeting["settings"]["approval_type"] == wire.MANUAL_APPROVAL and not approve
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
        "status": PENDING if waits else APPROVED,
        "token": state.word(f"tk {meeting['id']} {email.lower()}", 43),
        "create_time": state.now(),
    }
    store.put(PROVIDER, REGISTRANT, key, made)
    return made


def join_url(meeting: Data, registrant: Data) -> str:
    """Their own link: `/w/` with a token, where everybody else's is `/j/`."""
    pwd = meeting_fields.encrypted_password(meeting)
    passcode = f"&pwd={pwd}" if pwd else ""
    return f"{root()}w/{meeting['id']}?tk={registrant['token']}{passcode}"


def display_name(registrant: Data) -> str:
    return f"{registrant['first_name']} {registrant['last_name']}".strip()


def _register(meeting: Data, asked: list[Any], *, approve: bool) -> list[Data]:
    """`approve`: at once, also where the host wants to approve each (approval type 1)."""
    checked = [_checked(each) for each in asked]
    made = [register(meeting, *each, approve=approve) for each in checked]
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
    return made


def _checked(asked: Any) -> tuple[str, str, str]:
    """E-mail and names; raises ZoomError 300 naming what is wrong."""
    if not isinstance(asked, dict):
        raise invalid(registrants="Invalid parameter: registrants.")
    email, first, last = (str(asked.get(name) or "") for name in FIELDS)
    if "@" not in email or len(email) > EMAIL_LENGTH:
        raise invalid(email="Invalid field: email.")
    for name, value in (("first_name", first), ("last_name", last)):
        unfit = not value or value == "Refused" if name == "first_name" else False
        if unfit or len(value) > wire_people.NAME_LENGTH:
            raise invalid(**{name: f"Invalid field: {name}."})
    return email, first, last


FIELDS = ("email", "first_name", "last_name")


def _link(meeting: Data, registrant: Data) -> Data:
    """None while the registrant waits for approval."""
    waits = registrant["status"] != APPROVED
    return {} if waits else {"join_url": join_url(meeting, registrant)}


def _asks_for_registration(meeting_id: str) -> Data:
    note(meeting_id=meeting_id)
    found = state.meeting(meeting_id)
    if found is None:
        raise no_meeting(meeting_id)
    note(recipient=found["host_email"])
    if found["settings"]["approval_type"] == wire.NO_REGISTRATION:
        raise ZoomError(400, 300, f"This meeting has not registration required: {found['id']}")
    return found
