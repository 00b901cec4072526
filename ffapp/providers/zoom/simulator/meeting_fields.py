"""The fields of a meeting as they are asked for, with checks and defaults, and as answered.

What is kept are the effective values, which may differ from those asked for.
"""

from datetime import UTC, datetime
from typing import Any

from ffapp.core import clock, config, signing
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import state
from ffapp.providers.zoom.simulator.answers import ZoomError, invalid, root
from ffapp.providers.zoom.simulator.hosts import Host
from ffapp.providers.zoom.simulator.state import Data

TYPES = {1, 2, 3, 8, 10}
INSTANT = 1

# unconfirmed: which of these a given plan returns
DEFAULT_SETTINGS: Data = {
    "host_video": False,
    "participant_video": False,
    "cn_meeting": False,
    "in_meeting": False,
    "join_before_host": False,
    "jbh_time": 0,
    "mute_upon_entry": False,
    "watermark": False,
    "use_pmi": False,
    "approval_type": 2,
    "audio": "both",
    "auto_recording": "none",
    "enforce_login": False,
    "enforce_login_domains": "",
    "alternative_hosts": "",
    "alternative_host_update_polls": False,
    "close_registration": False,
    "show_share_button": False,
    "allow_multiple_devices": False,
    "registrants_confirmation_email": True,
    "waiting_room": False,
    "request_permission_to_unmute_participants": False,
    "registrants_email_notification": True,
    "meeting_authentication": False,
    "encryption_type": "enhanced_encryption",
    "approved_or_denied_countries_or_regions": {"enable": False},
    "breakout_room": {"enable": False},
    "internal_meeting": False,
    "continuous_meeting_chat": {
        "enable": True,
        "auto_add_invited_external_users": False,
        "auto_add_meeting_participants": False,
    },
    "participant_focused_meeting": False,
    "push_change_to_calendar": False,
    "resources": [],
    "alternative_hosts_email_notification": True,
    "show_join_info": False,
    "device_testing": False,
    "focus_mode": False,
    "meeting_invitees": [],
    "private_meeting": False,
    "email_notification": True,
    "host_save_video_order": False,
    "sign_language_interpretation": {"enable": False},
    "email_in_attendee_report": False,
}
CHOICES = {"jbh_time": {0, 5, 10, 15}, "approval_type": {0, 1, 2}}


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
    for name, check in CHECKS.items():
        if asked.get(name) is not None:
            new[name] = check(name, asked[name])
    if asked.get("start_time"):
        start = _start(str(asked["start_time"]), new.get("timezone", old["timezone"]))
        # A start in the past is “now” for a new meeting and no change for an old one.
        if start > clock.now():
            new["start_time"] = wire.instant(start)
    if isinstance(asked.get("settings"), dict):
        new["settings"] = _settings(asked["settings"], old["settings"], host)
    return new


def _text(longest: int) -> Any:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise invalid(**{name: f"{name} must be at most {longest} characters."})
        return value

    return check


def _kind(name: str, value: Any) -> int:
    if value not in TYPES:
        raise invalid(type="Invalid parameter: type.")
    return int(value)


def _minutes(name: str, value: Any) -> int:
    if not str(value).isdigit() or not 1 <= int(value) <= 1440:
        raise invalid(duration="Invalid parameter: duration.")
    return int(value)


def _zone(name: str, value: Any) -> str:
    try:
        return str(clock.zone(str(value)))
    except clock.UnknownZone as error:
        raise invalid(timezone="Invalid parameter: timezone.") from error  # unconfirmed


CHECKS = {
    "topic": _text(wire.TOPIC_LENGTH),
    "agenda": _text(wire.AGENDA_LENGTH),
    "password": _text(10),
    "type": _kind,
    "duration": _minutes,
    "timezone": _zone,
}


def _start(text: str, zone: str) -> datetime:
    """`Z` is UTC; without it the time is local to the meeting's zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(start_time="Invalid parameter: start_time.") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.zone(zone))
    return moment.astimezone(UTC)


def _settings(asked: Data, old: Data, host: Host) -> Data:
    new = {**old}
    new.update({name: value for name, value in asked.items() if value is not None and name in old})
    for name, choices in CHOICES.items():
        if new[name] not in choices:
            raise _bad_setting(name)
    if new["waiting_room"]:
        new["join_before_host"] = False
    if not host.is_licensed:
        new["approval_type"] = wire.NO_REGISTRATION  # dropped without a word
    recording = new["auto_recording"]
    impossible = not host.records_to_cloud or new["encryption_type"] == "e2ee"
    if recording not in {"local", "cloud", "none"} or (recording == "cloud" and impossible):
        new["auto_recording"] = "none"
    return new


def _bad_setting(name: str) -> ZoomError:
    return invalid(**{f"settings__{name}": f"Invalid parameter: {name}."})


def join_url(found: Data) -> str:
    pwd = encrypted_password(found)
    return f"{root()}j/{found['id']}" + (f"?pwd={pwd}" if pwd else "")


def encrypted_password(found: Data) -> str:
    """The passcode as it stands in links; it changes when the passcode changes."""
    if not found["password"]:
        return ""
    return state.word(f"pwd {found['id']} {found['password']}", 30) + ".1"


def whole(found: Data) -> Data:
    """A meeting as create and read answer it."""
    zak = signing.sign("zoom zak", str(found["id"]))
    return {
        "uuid": found["uuid"],
        "id": found["id"],
        "host_id": found["host_id"],
        "host_email": found["host_email"],
        "topic": found["topic"],
        "type": found["type"],
        "status": "started" if found["state"] == "started" else "waiting",
        "start_time": found["start_time"],
        "duration": found["duration"],
        "timezone": found["timezone"],
        "agenda": found["agenda"],
        "created_at": found["created_at"],
        "start_url": f"{root()}s/{found['id']}?zak={zak}",
        "join_url": join_url(found),
        **_registration(found),
        "chat_join_url": f"{root()}launch/jc/{found['id']}",  # unconfirmed: or equal to join_url
        "password": found["password"],
        "h323_password": found["password"],
        "pstn_password": found["password"],
        "encrypted_password": encrypted_password(found),
        "settings": found["settings"],
        "creation_source": "open_api",
        "pre_schedule": False,
    }


def _registration(found: Data) -> Data:
    if found["settings"]["approval_type"] == wire.NO_REGISTRATION:
        return {}
    return {"registration_url": join_url(found)}  # unconfirmed: its form


def in_list(found: Data) -> Data:
    """A meeting as lists show it, with the agenda cut."""
    return {
        **{name: found[name] for name in ("uuid", "id", "host_id", "topic", "type")},
        **{name: found[name] for name in ("start_time", "duration", "timezone")},
        "agenda": found["agenda"][: wire.AGENDA_LENGTH_IN_LISTS],
        "created_at": found["created_at"],
        "join_url": join_url(found),
    }


def passcode(meeting_id: int) -> str:
    """The six digits that Zoom makes up for a meeting."""
    digits = int.from_bytes(state.secret(f"passcode {meeting_id}")[:4])
    return f"{digits % 1_000_000:06d}"
