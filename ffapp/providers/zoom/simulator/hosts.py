"""Zoom users: any e-mail address is a licensed host, except the magic ones (`scenarios.MAGIC`)."""

from dataclasses import dataclass

import flask

from ffapp.core import config
from ffapp.providers.simulating import store
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import answers, api
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


@blueprint.get("/v2/users")
@endpoint("user.list", "user:read:list_users")
def users() -> flask.Response:
    """The hosts that were asked for so far, and the account's owner."""
    asked = answers.query()
    found = known() if asked.get("status", "active") == "active" else []
    page = answers.page_of("users", found, asked, numbered=True)
    page["users"] = [described(each) for each in page["users"]]
    return json_answer(page)


@blueprint.get("/v2/users/<user_id>/settings")
@endpoint("user.settings", "user:read:settings")
def user_settings(user_id: str) -> flask.Response:
    """What integrations look at; the real answer is some hundred keys longer."""
    host = find(user_id)
    auto = "cloud" if host.records_to_cloud else "local"
    return json_answer(
        {
            "schedule_meeting": {
                "host_video": False,
                "participants_video": False,
                "audio_type": "both",
                "join_before_host": False,
                "require_password_for_scheduling_new_meetings": True,
                "require_password_for_instant_meetings": True,
                "pstn_password_protected": True,
                "use_pmi_for_scheduled_meetings": False,
            },
            "in_meeting": {
                "e2e_encryption": False,
                "chat": True,
                "waiting_room": True,
                "co_host": True,
                "polling": True,
                "breakout_room": True,
                "meeting_reactions": True,
            },
            "email_notification": {"jbh_reminder": True, "cancel_meeting_reminder": True},
            "recording": {
                "local_recording": True,
                "cloud_recording": host.records_to_cloud,
                "auto_recording": auto,
                "recording_audio_transcript": host.records_to_cloud,
                "auto_delete_cmr": False,
            },
            "telephony": {"third_party_audio": False},
            "feature": {
                "meeting_capacity": 300 if host.is_licensed else 100,
                "large_meeting": False,
                "webinar": False,
                "zoom_phone": False,
            },
        }
    )


@blueprint.get("/v2/users/<user_id>/schedulers")
@endpoint("user.schedulers", "user:read:list_schedulers")
def schedulers(user_id: str) -> flask.Response:
    """Nobody schedules for anybody else here."""
    find(user_id)
    return json_answer({"schedulers": []})


@blueprint.get("/v2/users/<user_id>")
@endpoint("user.get", "user:read:user")
def user(user_id: str) -> flask.Response:
    return json_answer(described(find(user_id)))


def described(host: Host) -> Data:
    """The host as lists and the user's own address show them."""
    return {
        "id": host.id,
        "first_name": display_name(host.email),
        "last_name": "",
        "display_name": display_name(host.email),
        "email": host.email,
        "type": 2 if host.is_licensed else 1,
        "timezone": config.current().time_zone,
        "verified": 1,
        "language": "en-US",
        "status": "active",
    }


def known() -> list[Host]:
    """Everybody who was asked for so far and the owner, by address."""
    emails = {each["email"] for each in store.find(PROVIDER, "user")}
    emails.add(ZoomSettings.current().host_email.lower())
    return [Host(word(f"user {email}", 22), email) for email in sorted(emails)]
