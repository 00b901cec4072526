"""Zoom users: any e-mail address is a licensed host, except the magic ones (`scenarios.MAGIC`)."""

from dataclasses import dataclass

import flask

from ffapp.core import config
from ffapp.providers.simulating import store
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import api
from ffapp.providers.zoom.simulator.answers import ZoomError, json_answer
from ffapp.providers.zoom.simulator.api import endpoint, lacks_scope, note
from ffapp.providers.zoom.simulator.state import PROVIDER, Data, word

blueprint = flask.Blueprint("hosts", __name__)


@dataclass(frozen=True)
class Host:
    id: str
    email: str

    @property
    def magic(self) -> str:
        return self.email.partition("@")[0]

    @property
    def is_licensed(self) -> bool:
        return self.magic not in {"norecording", "unlicensed"}

    @property
    def records_to_cloud(self) -> bool:
        return self.magic != "norecording"


def display_name(email: str) -> str:
    """`asha.rao@school.test` → Asha Rao."""
    return email.partition("@")[0].replace(".", " ").title()


def find(user_id: str) -> Host:
    """The host with this e-mail or Zoom user id; `me` is the account's owner. Raises ZoomError."""
    if user_id == "me":
        user_id = ZoomSettings.current().host_email  # unconfirmed for apps of a whole account
    if "@" not in user_id:
        known = store.get(PROVIDER, "user", user_id)
        if known is None:
            raise ZoomError(404, 1001, f"User does not exist: {user_id}.")
        user_id = known["email"]
    email = user_id.lower()
    host = Host(word(f"user {email}", 22), email)
    note(recipient=email)
    _refuse_magic(host)
    store.put(PROVIDER, "user", host.id, {"email": email})
    return host


def of_meeting(meeting: Data) -> Host:
    """The host of a meeting, without asking whether they may do anything."""
    return Host(meeting["host_id"], meeting["host_email"])


def find_for_change(user_id: str) -> Host:
    """The host, who may create and change meetings; raises ZoomError otherwise."""
    host = find(user_id)
    if host.magic == "unlicensed":
        message = "Your user account is not allowed meeting hosting and scheduling capabilities."
        raise ZoomError(400, 3161, message)
    if host.magic == "daily-limit":
        raise api.used_up()
    return host


def _refuse_magic(host: Host) -> None:
    refusals = {
        "nobody": (404, 1001, f"User does not exist: {host.email}."),
        "elsewhere": (400, 1010, "User does not belong to this account."),
        # unconfirmed: the code and the words
        "pending": (400, 1008, f"User {host.email} has not been activated."),
        "invited": (400, 1120, "The invitation was not found or has expired."),
    }
    if host.magic in refusals:
        raise ZoomError(*refusals[host.magic])
    if host.magic == "missing-scope":
        raise lacks_scope(flask.g.scope)


@blueprint.get("/v2/users/<user_id>")
@endpoint("user.get", "user:read:user")
def user(user_id: str) -> flask.Response:
    host = find(user_id)
    return json_answer(
        {
            "id": host.id,
            "first_name": display_name(host.email),
            "last_name": "",
            "email": host.email,
            "type": 2 if host.is_licensed else 1,
            "timezone": config.current().time_zone,
            "status": "active",
        }
    )
