"""What the simulated Zoom remembers: meetings, held instances, participants; and how it names them.

Three kinds of things in the simulators' store:

    meeting      by number: as scheduled, plus `state` (waiting, started, deleted), `live_uuid` and
                 `held` (how often)
    instance     by UUID: one time the meeting was held, its recorded segments and their trash_state
    participant  by key: one join of one person

Times in them are strings in Zoom's own form, `2026-12-01T04:30:00Z`.
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ffapp.core import clock, config
from ffapp.providers.kit.settings import simulated_secret
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire

PROVIDER = "zoom"
MEETING, INSTANCE, PARTICIPANT = "meeting", "instance", "participant"

# Injective below the prime, so that numbers never collide, and not in a row.
_PRIME, _FACTOR = 9_999_999_967, 6_700_417

Data = dict[str, Any]


def instant(text: str) -> datetime:
    """The aware datetime of a time in Zoom's form."""
    return datetime.fromisoformat(text)


def now() -> str:
    """The business clock in Zoom's form."""
    return wire.instant(clock.now())


def new_meeting_id() -> int:
    """A number of eleven digits that no other meeting has, also under concurrent calls."""
    count = store.count(PROVIDER, "meeting numbers")
    seed = config.current().simulator_seed
    return 80_000_000_000 + (count * _FACTOR + seed) % _PRIME


def uuid_of(meeting_id: int, held: int) -> str:
    """The UUID of the `held`-th instance (0 is the one that create answers with).

    In turn a plain one, one that begins with “/” and one that contains “//”, as Zoom's sometimes
    do and clients must bear.
    """
    digest = bytearray(secret(f"uuid {meeting_id} {held}")[:16])
    match (meeting_id + held) % 3:
        case 1:
            digest[0] |= 0b11111100
        case 2:
            digest[3], digest[4] = 0xFF, digest[4] | 0xF0
    return base64.b64encode(digest).decode()


def secret(what: str) -> bytes:
    """32 bytes: the same for the same `what`, guessable by nobody without SECRET_KEY."""
    key = simulated_secret(config.current().secret_key, f"zoom {what}", 64)
    return hashlib.sha256(key.encode()).digest()


def word(what: str, length: int) -> str:
    """`secret` as URL-safe letters and digits, at most 43."""
    return base64.urlsafe_b64encode(secret(what)).decode()[:length]


def meeting(meeting_id: int | str) -> Data | None:
    """The meeting, or None when there never was one or it was deleted."""
    found = store.get(PROVIDER, MEETING, str(meeting_id))
    return None if found is None or found["state"] == "deleted" else found


def move(kind: str, key: Any, from_state: str, **changes: Any) -> Data | None:
    """The meeting or participant with these changes; None where it is not in `from_state`."""
    moved = False

    def change(found: Data) -> None:
        nonlocal moved
        moved = found["state"] == from_state
        if moved:
            found.update(changes)

    found = store.edit(PROVIDER, kind, str(key), change)
    return found if moved else None


def meetings_of(host_id: str) -> list[Data]:
    """The host's meetings that still exist, by start."""
    found = store.find(PROVIDER, MEETING, host_id=host_id)
    kept = [each for each in found if each["state"] != "deleted"]
    return sorted(kept, key=lambda each: each["start_time"])


def instances_of(meeting_id: int | str) -> list[Data]:
    """The times the meeting was held, oldest first."""
    found = store.find(PROVIDER, INSTANCE, meeting_id=int(meeting_id))
    return sorted(found, key=lambda each: each["number"])


def instances_of_host(host_id: str) -> list[Data]:
    """Every time the host held a meeting, newest first."""
    found = store.find(PROVIDER, INSTANCE, host_id=host_id)
    return sorted(found, key=lambda each: each["start_time"], reverse=True)  # unconfirmed order


def instance(id_or_uuid: str) -> Data | None:
    """The instance with this UUID; of a number, the latest one."""
    if id_or_uuid.isdigit():
        return (instances_of(id_or_uuid) or [None])[-1]
    return store.get(PROVIDER, INSTANCE, id_or_uuid)


def edit_instance(uuid: str, change: Callable[[Data], Any]) -> Data | None:
    return store.edit(PROVIDER, INSTANCE, uuid, change)


def participants_of(uuid: str) -> list[Data]:
    """Every join of that instance, in order."""
    found = store.find(PROVIDER, PARTICIPANT, uuid=uuid)
    return sorted(found, key=lambda each: int(each["user_id"]))
