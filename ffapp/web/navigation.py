"""The entries of the rail and the bar: only what works has one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flask

from ffapp.core.i18n import lazy_gettext as _
from ffapp.people.models import Person


@dataclass(frozen=True)
class Entry:
    """One entry: its label, the endpoint of its page, an icon."""

    label: Any
    endpoint: str
    icon: str


ADMIN: Sequence[Entry] = ()  # what the domains of the admin declare; see `web.kit.domains`
STUDENT = (
    Entry(_("Home"), "student.home", "house"),
    Entry(_("Schedule"), "student.schedule", "calendar"),
    Entry(_("Recordings"), "student.recording_index", "play"),
    Entry(_("Me"), "student.me", "user"),
)


def navigation(viewer: Person | None) -> list[dict[str, object]]:
    """What this person can go to; `current` is where they are."""
    if viewer is None:
        return []
    return [_item(each) for each in (ADMIN if viewer.user.is_admin else STUDENT)]


def _item(entry: Entry) -> dict[str, object]:
    path, url = flask.request.path, flask.url_for(entry.endpoint)
    is_within = path == url or path.startswith(f"{url}/")
    return {"label": entry.label, "url": url, "icon": entry.icon, "current": is_within}
