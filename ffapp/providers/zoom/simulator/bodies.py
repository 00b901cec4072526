"""A meeting as the simulated API answers it."""

from ffapp.core import signing
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import state
from ffapp.providers.zoom.simulator.answers import root
from ffapp.providers.zoom.simulator.state import Data


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
