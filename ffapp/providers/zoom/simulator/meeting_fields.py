"""The fields of a meeting as they are asked for, with checks and defaults, and as answered.

What is kept are the effective values, which may differ from those asked for.
"""

from datetime import UTC, datetime

from ffapp.core import clock, config, signing
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import recurrence, state
from ffapp.providers.zoom.simulator.answers import invalid, root
from ffapp.providers.zoom.simulator.hosts import Host, display_name
from ffapp.providers.zoom.simulator.state import Data

# Those that public libraries read, and those that our client sends.
DEFAULT_SETTINGS: Data = {  # in Zoom's order
    **dict.fromkeys(("host_video", "participant_video", "cn_meeting", "in_meeting"), False),
    "join_before_host": False,
    "jbh_time": 0,
    **dict.fromkeys(("mute_upon_entry", "watermark", "use_pmi"), False),
    "approval_type": wire.NO_REGISTRATION,
    "audio": "both",
    "auto_recording": "none",
    "enforce_login": False,
    "enforce_login_domains": "",
    "alternative_hosts": "",
    "alternative_host_update_polls": False,
    **dict.fromkeys(("close_registration", "show_share_button", "allow_multiple_devices"), False),
    "registrants_confirmation_email": True,
    "waiting_room": False,
    "request_permission_to_unmute_participants": False,
    "registrants_email_notification": True,
    "meeting_authentication": False,
    "encryption_type": "enhanced_encryption",
    "internal_meeting": False,
    "meeting_invitees": [],
    "focus_mode": False,
    "private_meeting": False,
    "email_notification": True,
}
TYPES = {1, wire.SCHEDULED, 3, 8, 10}
NO_FIXED_TIME, RECURRING = 3, 8
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
    if asked.get("type") is not None:
        new["type"] = asked["type"]
        if asked["type"] not in TYPES:
            raise invalid("type")
    if asked.get("timezone") is not None:
        new["timezone"] = asked["timezone"]
    if asked.get("start_time"):
        start = _start(str(asked["start_time"]), new.get("timezone", old["timezone"]))
        # A start in the past is “now” for a new meeting and no change for an old one.
        if start > clock.now():
            new["start_time"] = wire.instant(start)
    if isinstance(asked.get("settings"), dict):
        new["settings"] = _settings(asked["settings"], old["settings"], host)
    return {**new, **_series(asked, old, {**old, **new})}


def _series(asked: Data, old: Data, whole: Data) -> Data:
    """What is particular to recurring meetings: type 8 needs its rule, type 3 has no registration.

    A series whose rule or time changes has new occurrences.
    """
    if whole["type"] == NO_FIXED_TIME:
        return {"settings": {**whole["settings"], "approval_type": wire.NO_REGISTRATION}}
    if whole["type"] != RECURRING:
        return {}
    if asked.get("recurrence") is None and "recurrence" not in whole:
        raise invalid("recurrence")
    is_asked = asked.get("recurrence") is not None
    rule = recurrence.checked(asked["recurrence"]) if is_asked else whole["recurrence"]
    times = [whole[name] for name in ("start_time", "timezone", "duration")]
    before = [old[name] for name in ("start_time", "timezone", "duration")]
    if (rule, times) == (old.get("recurrence"), before):
        return {}
    return {"recurrence": rule, "occurrences": recurrence.occurrences(rule, *times)}


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
    is_series = found["type"] == RECURRING
    has_time = found["type"] != NO_FIXED_TIME
    return {
        **{name: found[name] for name in ("uuid", "id", "host_id", "host_email", "topic", "type")},
        "status": "started" if found["state"] == "started" else "waiting",
        **({"start_time": found["start_time"]} if has_time else {}),
        **{name: found[name] for name in ("duration", "timezone", "agenda")},
        "created_at": found["created_at"],
        "start_url": f"{root()}s/{found['id']}?zak={zak}",
        "join_url": join_url(found),
        **({"registration_url": join_url(found)} if asks else {}),  # unconfirmed: its form
        **passcodes,
        "encrypted_password": encrypted_password(found),
        **{name: found[name] for name in ("occurrences", "recurrence") if is_series},
        "settings": found["settings"],
        "creation_source": "open_api",
        "pre_schedule": False,
    }


def invitation(found: Data) -> str:
    """The text that Zoom writes for people to send on."""
    start = clock.local(state.instant(found["start_time"]), found["timezone"])
    digits = str(found["id"])
    lines = [
        f"{display_name(found['host_email'])} is inviting you to a scheduled Zoom meeting.",
        "",
        f"Topic: {found['topic']}",
        f"Time: {start:%b} {start.day}, {start:%Y %I:%M %p} {found['timezone']}",
        "",
        "Join Zoom Meeting",
        join_url(found),
        "",
        f"Meeting ID: {digits[:3]} {digits[3:7]} {digits[7:]}",
        f"Passcode: {found['password']}",
        "",
    ]
    return "\r\n".join(lines)


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
