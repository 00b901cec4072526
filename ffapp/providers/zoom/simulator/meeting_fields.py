"""The fields of a meeting as they are asked for, with checks and defaults, and as answered.

What is kept are the effective values, which may differ from those asked for.
"""

from datetime import UTC, datetime

from ffapp.core import clock, config, signing
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import state
from ffapp.providers.zoom.simulator.answers import invalid, root
from ffapp.providers.zoom.simulator.hosts import Host
from ffapp.providers.zoom.simulator.state import Data

# Those that public libraries read, and those that our client sends.
OFF = """host_video participant_video cn_meeting in_meeting join_before_host mute_upon_entry
watermark use_pmi enforce_login allow_multiple_devices waiting_room meeting_authentication"""
DEFAULT_SETTINGS: Data = {
    **dict.fromkeys(OFF.split(), False),
    **dict.fromkeys(("registrants_confirmation_email", "registrants_email_notification"), True),
    "approval_type": wire.NO_REGISTRATION,
    "audio": "both",
    "auto_recording": "none",
    "encryption_type": "enhanced_encryption",
}
LENGTHS = {"topic": wire.TOPIC_LENGTH, "agenda": wire.AGENDA_LENGTH, "password": 10}


def of_new(asked: Data, host: Host) -> Data:
    """The fields of a meeting to create. Raises ZoomError 300 naming what is wrong."""
    old = {
        "topic": "Zoom Meeting",
        "type": wire.SCHEDULED,
        "duration": 60,
        "timezone": config.current().time_zone,
        "agenda": "",
        "start_time": wire.instant(clock.now()),
        "settings": DEFAULT_SETTINGS,
    }
    return {**old, **changed(asked, old, host)}


def changed(asked: Data, old: Data, host: Host) -> Data:
    """Those of the asked fields that take effect on a meeting whose fields are `old`."""
    new: Data = {}
    for name, longest in LENGTHS.items():
        if asked.get(name) is not None:
            new[name] = str(asked[name])
            if len(new[name]) > longest:
                raise invalid(name, words=f"{name} must be at most {longest} characters.")
    if asked.get("duration") is not None:
        minutes = str(asked["duration"])
        if not minutes.isdigit() or not 1 <= int(minutes) <= 1440:
            raise invalid("duration")
        new["duration"] = int(minutes)
    if asked.get("timezone") is not None:
        new["timezone"] = asked["timezone"]
    if asked.get("start_time"):
        start = _start(str(asked["start_time"]), new.get("timezone", old["timezone"]))
        # A start in the past is “now” for a new meeting and no change for an old one.
        if start > clock.now():
            new["start_time"] = wire.instant(start)
    if isinstance(asked.get("settings"), dict):
        new["settings"] = _settings(asked["settings"], old["settings"], host)
    return new


def _start(text: str, zone: str) -> datetime:
    """`Z` is UTC; without it the time is local to the meeting's zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("start_time") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.zone(zone))
    return moment.astimezone(UTC)


def _settings(asked: Data, old: Data, host: Host) -> Data:
    new = {**old}
    new.update({name: value for name, value in asked.items() if value is not None and name in old})
    if new["waiting_room"]:
        new["join_before_host"] = False
    if not host.is_licensed:
        new["approval_type"] = wire.NO_REGISTRATION  # dropped without a word
    allowed = {"local", "cloud", "none"} if host.records_to_cloud else {"local", "none"}
    if new["auto_recording"] not in allowed:
        new["auto_recording"] = "none"
    return new


def join_url(found: Data) -> str:
    return f"{root()}j/{found['id']}?pwd={encrypted_password(found)}"


def encrypted_password(found: Data) -> str:
    """The passcode as it stands in links; it changes when the passcode changes."""
    return state.word(f"pwd {found['id']} {found['password']}", 30) + ".1"


BASIC = ("uuid", "id", "host_id", "topic", "type", "start_time", "duration", "timezone")


def whole(found: Data) -> Data:
    """A meeting as create and read answer it."""
    zak = signing.sign("zoom zak", str(found["id"]))
    passcodes = dict.fromkeys(("password", "h323_password", "pstn_password"), found["password"])
    asks = found["settings"]["approval_type"] != wire.NO_REGISTRATION
    return {
        **{name: found[name] for name in BASIC},
        "host_email": found["host_email"],
        "status": "started" if found["state"] == "started" else "waiting",
        "agenda": found["agenda"],
        "created_at": found["created_at"],
        "start_url": f"{root()}s/{found['id']}?zak={zak}",
        "join_url": join_url(found),
        **({"registration_url": join_url(found)} if asks else {}),  # unconfirmed: its form
        **passcodes,
        "encrypted_password": encrypted_password(found),
        "settings": found["settings"],
    }


def in_list(found: Data) -> Data:
    """A meeting as lists show it, with the agenda cut."""
    return {
        **{name: found[name] for name in BASIC},
        "agenda": found["agenda"][: wire.AGENDA_LENGTH_IN_LISTS],
        "created_at": found["created_at"],
        "join_url": join_url(found),
    }


def passcode(meeting_id: int) -> str:
    """The six digits that Zoom makes up for a meeting."""
    digits = int.from_bytes(state.secret(f"passcode {meeting_id}")[:4])
    return f"{digits % 1_000_000:06d}"
