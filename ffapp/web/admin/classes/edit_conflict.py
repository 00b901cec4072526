"""What somebody else changed in a class while it was being edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.events import history

LABELS = {
    "title": "Title",
    "description": "Description",
    "starts_at": "Start",
    "duration_minutes": "Duration",
    "host": "Host",
}


@dataclass(frozen=True)
class EditConflictNote:
    """Who saved last, when, and what is different since: (what, how it is now)."""

    who: str
    at: datetime
    facts: Sequence[tuple[str, str]]


def edit_conflict(session: ClassSession, revision: int) -> EditConflictNote | None:
    """What was saved after `revision`, which the editor was shown."""
    events = [each for each in history(session) if "changed" in each.facts]
    newer = events[: max(session.revision - revision, 1)]
    if not newer:
        return None
    changed: dict[str, tuple[Any, Any]] = {}
    for event in newer:  # newest first: the value now stays, the value before gets older
        for key, (was, now) in event.facts["changed"].items():
            changed[key] = (was, changed[key][1] if key in changed else now)
    return EditConflictNote(
        newer[0].actor,
        newer[0].at,
        [
            (LABELS[key], f"{_words(key, now, session)} (was: {_words(key, was, session)})")
            for key, (was, now) in changed.items()
            if key in LABELS
        ],
    )


def _words(key: str, value: Any, session: ClassSession) -> str:
    match key:
        case "starts_at":
            return clock.spell(datetime.fromisoformat(value), session.time_zone)
        case "duration_minutes":
            return f"{value} min"
    return str(value) or "empty"
