"""The entries of the rail and the bar: only what works has one."""

import flask

from ffapp.people.models import Person

ADMIN = (
    ("Today", "admin.today", "house"),
    ("Classes", "admin.class_index", "video"),
    ("Recordings", "admin.recording_index", "film"),
    ("Cohorts", "admin.cohort_index", "users"),
    ("People", "admin.person_index", "user"),
    ("Messages", "admin.message_index", "send"),
    ("Webhooks", "admin.webhook_index", "zap"),
    ("Settings", "admin.settings_edit", "sliders-horizontal"),
)
STUDENT = (
    ("Home", "student.home", "house"),
    ("Schedule", "student.schedule", "calendar"),
    ("Recordings", "student.recording_index", "play"),
    ("Me", "student.me", "user"),
)


def navigation(viewer: Person | None) -> list[dict[str, object]]:
    """What this person can go to; `current` is where they are."""
    if viewer is None:
        return []
    entries = ADMIN if viewer.user.is_admin else STUDENT
    return [_entry(label, flask.url_for(endpoint), icon) for label, endpoint, icon in entries]


def _entry(label: str, url: str, icon: str) -> dict[str, object]:
    path = flask.request.path
    is_within = path == url or path.startswith(f"{url}/")
    return {"label": label, "url": url, "icon": icon, "current": is_within}
