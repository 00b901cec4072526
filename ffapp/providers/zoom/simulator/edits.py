"""Changing, deleting and recovering a meeting, whoever asks: the API, or a host by hand.

Each posts the event that Zoom would post, also to whoever caused it.
"""

from typing import Any

from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import events, fields, hosts, state
from ffapp.providers.zoom.simulator.answers import ZoomError
from ffapp.providers.zoom.simulator.state import MEETING, PROVIDER, Data


def change(old: Data, asked: Data) -> Data:
    """Those of the asked fields that take effect; raises ZoomError when one is refused."""
    new = fields.changed(asked, old, hosts.known(old))
    new = {name: value for name, value in new.items() if value != old.get(name)}
    state.edit_meeting(old["id"], lambda found: found.update(new))
    if new:
        events.meeting_updated(old, new)
    return new


def delete(found: Data) -> None:
    """Delete it; Zoom keeps it for a while. Raises ZoomError 3002 while it runs."""
    if found["state"] == "started":
        message = "Sorry, you cannot delete this meeting since it is in progress."
        raise ZoomError(400, 3002, message)
    state.edit_meeting(found["id"], lambda meeting: meeting.update(state="deleted"))
    events.meeting_deleted("meeting.deleted", found)


def recover(meeting_id: int) -> bool:
    """Bring a deleted meeting back; False when there is none to bring back."""
    was: list[Any] = []

    def back(meeting: Data) -> None:
        if meeting["state"] == "deleted":
            was.append(meeting["state"])
            meeting |= {"state": "waiting", "last_used": state.now()}

    found = state.edit_meeting(meeting_id, back)
    if found is not None and was:
        events.meeting_deleted("meeting.recovered", found)
    return bool(was)


def forget(meeting_id: int) -> None:
    """Delete a deleted meeting for good."""
    found = in_trash(meeting_id)
    if found is not None:
        store.remove(PROVIDER, MEETING, str(meeting_id))
        events.meeting_deleted("meeting.permanently_deleted", found)


def in_trash(meeting_id: int | str) -> Data | None:
    """A meeting that was deleted and can still be recovered."""
    found = store.get(PROVIDER, MEETING, str(meeting_id))
    return found if found is not None and found["state"] == "deleted" else None
