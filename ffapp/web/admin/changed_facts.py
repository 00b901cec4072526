"""What an edit changed, in words: `seats from 20 to 24, and the name from “A” to “B”`."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from ffapp.core import clock, phone
from ffapp.core.i18n import LANGUAGES
from ffapp.web.kit.timeline import Facts, Words

LABELS = {
    "name": "the name",
    "email": "the e-mail address",
    "phone": "the phone number",
    "time_zone": "the time zone",
    "language": "the language",
    "starts_on": "the first day",
    "ends_on": "the last day",
    "seats": "the seats",
    "title": "the title",
    "description": "the description",
    "starts_at": "the start",
    "duration_minutes": "the length",
    "host": "the host",
    "programme_name": "the programme name",
    "sendgrid.from_name": "the sender of e-mails",
    "zoom.host_email": "the Zoom host",
    "join_opens_minutes": "when Join opens",
    "recording_ready_minutes": "when a recording is ready",
    "quiet_hours": "the quiet hours",
}
TOO_LONG = 60  # a text longer than this is named, not quoted


def changed(facts: Facts, zone: str) -> Words:
    """The sentence of an event whose fact `changed` says all."""
    return Words(f"changed {spell(facts.get('changed') or {}, zone)}")


def spell(changed: Mapping[str, Any], zone: str) -> str:
    """`changed` is field → [before, after], or field → after."""
    parts = [_spell_one(field, value, zone) for field, value in changed.items()]
    return ", and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _spell_one(field: str, value: Any, zone: str) -> str:
    label = LABELS.get(field, field.replace("_", " "))
    before, after = value if isinstance(value, list) and len(value) == 2 else (None, value)
    if any(isinstance(each, str) and len(each) > TOO_LONG for each in (before, after)):
        return label
    show = SHOW.get(field, _quoted)
    if before in (None, ""):
        return f"{label} to {show(after, zone)}"
    if after in (None, ""):
        return f"{label} {show(before, zone)}, which is gone"
    return f"{label} from {show(before, zone)} to {show(after, zone)}"


def day(value: date) -> str:
    """`6 Dec 2026`."""
    return f"{value.day} {value:%b} {value.year}"


def _quoted(value: Any, zone: str) -> str:
    return f"“{value}”"


def _plain(value: Any, zone: str) -> str:
    return str(value)


def _day(value: Any, zone: str) -> str:
    return day(date.fromisoformat(value))


def _instant(value: Any, zone: str) -> str:
    return clock.spell(datetime.fromisoformat(value), zone)


SHOW: dict[str, Callable[[Any, str], str]] = {
    "email": _plain,
    "phone": lambda value, zone: phone.display(value),
    "time_zone": _plain,
    "language": lambda value, zone: LANGUAGES.get(value, value),
    "starts_on": _day,
    "ends_on": _day,
    "seats": _plain,
    "starts_at": _instant,
    "duration_minutes": lambda value, zone: f"{value} min",
    "host": _plain,
    "zoom.host_email": _plain,
    "join_opens_minutes": lambda value, zone: f"{value} min before the start",
    "recording_ready_minutes": lambda value, zone: f"{value} min after the end",
    "quiet_hours": lambda value, zone: "–".join(value),
}
