"""What happened, in words: a timeline, and the pieces of which domains make their sentences.

Each sentence continues the name of who did it: “Asha Rao” + “moved “Week 3” to …”.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event, edits_since
from ffapp.web.kit.subjects import url_of_event
from ffapp.web.rendering import own_zone

SHOWN = 40
TOO_LONG = 60  # a text longer than this is named, not quoted


@dataclass(frozen=True)
class Words:
    """`what` follows the actor's name; `why` stands under it; `tone` only where it matters."""

    what: str
    why: str | None = None
    tone: str | None = None


Facts = dict[str, Any]
Say = Callable[[Facts, str], Words]  # the facts of an event, and the zone in which to say times
Label = tuple[str, Callable[[Any, str], str]]  # a field, and how its value is said in a zone

# What the domains declare, see `web.kit.domains`: event → sentence, field → label.
SENTENCES: dict[str, Say] = {}
LABELS: dict[str, Label] = {}


def newest_events(
    row: Any, *, also: Sequence[tuple[str, Any]] = (), without: str = ""
) -> Sequence[Event]:
    """The newest events of a row, and `also` those of other tables (name, a SELECT of ids);
    `without` those of one name."""
    is_of = and_(Event.subject_type == row.__tablename__, Event.subject_id == row.id)
    for table, ids in also:
        is_of = or_(is_of, and_(Event.subject_type == table, Event.subject_id.in_(ids)))
    return db.session.scalars(
        select(Event).where(is_of, Event.name != without).order_by(Event.id.desc()).limit(SHOWN)
    ).all()


def sentence(event: Event, zone: str | None = None) -> str:
    """`Asha Rao moved “Week 3” from … to …`, without a full stop; times in `zone`."""
    return _capital(f"{event.actor} {_words(event, zone).what}")


def edits_in_words(
    row: Any, revision: int | None, zone: str | None = None
) -> list[tuple[str, datetime]] | None:
    """What others saved in a row since it had that revision, newest first: (sentence, when); None
    where there is no conflict."""
    if revision is None:
        return None
    return [(sentence(each, zone), each.at) for each in edits_since(row, revision)]


def timeline(events: Iterable[Event], zone: str | None = None) -> list[dict[str, Any]]:
    """The events as `ui.timeline` reads them, in the order given."""
    return [_item(event, _words(event, zone)) for event in events]


def _item(event: Event, words: Words) -> dict[str, Any]:
    return {
        "who": _capital(event.actor),
        "what": words.what,
        "why": words.why,
        "tone": words.tone,
        "when": event.at,
        "url": url_of_event(event),
    }


def _words(event: Event, zone: str | None) -> Words:
    say = SENTENCES.get(event.name)
    if say is None:  # an event of an older or newer version of the app
        return Words(event.name.replace("_", " "))
    return say(event.facts, zone or own_zone())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ── the pieces ──


class _Known(dict[str, Any]):
    """Facts to put into a sentence; `class` is the class as the event calls it."""

    def __missing__(self, name: str) -> str:
        return title_of(self) if name == "class" else ""


def say(what: str, tone: str | None = None, why: str = "") -> Say:
    """A sentence in which `{name}` is the fact of that name; one that is missing is left out."""

    def words(facts: Facts, zone: str) -> Words:
        known = _Known({name: fact for name, fact in facts.items() if fact is not None})
        told = " ".join(what.format_map(known).split())
        return Words(told, why.format_map(known) or None, tone)

    return words


def changed(facts: Facts, zone: str) -> Words:
    """The sentence of an event whose fact `changed` says all."""
    return Words(f"changed {spell_changed(facts.get('changed') or {}, zone)}")


def spell_changed(changed: Mapping[str, Any], zone: str) -> str:
    """`the seats from 20 to 24, and the name from “A” to “B”`.

    `changed` is field → [before, after], or field → after.
    """
    parts = [_spell_one(field, value, zone) for field, value in changed.items()]
    return ", and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _spell_one(field: str, value: Any, zone: str) -> str:
    label, show = LABELS.get(field, (field.replace("_", " "), quoted))
    before, after = value if isinstance(value, list) and len(value) == 2 else (None, value)
    if any(isinstance(each, str) and len(each) > TOO_LONG for each in (before, after)):
        return label
    if before in (None, ""):
        return f"{label} to {show(after, zone)}"
    if after in (None, ""):
        return f"{label} {show(before, zone)}, which is gone"
    return f"{label} from {show(before, zone)} to {show(after, zone)}"


def quoted(value: Any, zone: str) -> str:
    return f"“{value}”"


def plain(value: Any, zone: str) -> str:
    return str(value)


def iso_day(value: str, zone: str) -> str:
    return day(date.fromisoformat(value))


def day(value: date) -> str:
    """`6 Dec 2026`."""
    return f"{value.day} {value:%b} {value.year}"


def title_of(facts: Facts) -> str:
    """The class, as the event calls it."""
    return f"“{facts['title']}”" if facts.get("title") else "the class"


def instant(text: str | None, zone: str) -> str:
    """`Sat 5 Dec, 5:00 pm IST`, of an instant as ISO text."""
    return clock.spell(datetime.fromisoformat(text), zone) if text else "an unknown time"


def time_of_day(text: str | None, zone: str) -> str:
    """`5:00 pm IST`, of an instant as ISO text."""
    return clock.spell_time(datetime.fromisoformat(text), zone) if text else "an unknown time"


def counted(facts: Facts, one: str, many: str) -> str:
    """`1 person`, `3 people`, of the fact `count`."""
    count = facts.get("count") or "several"
    return f"{count} {one if count == 1 else many}"


def inside_zoom(facts: Facts, why: str | None = None) -> str | None:
    """`why`, and that somebody did it inside Zoom, where the event says so."""
    done = f"Done inside Zoom{by_operator(facts)}" if "operator" in facts else None
    return ". ".join(filter(None, [why, done])) or None


def by_operator(facts: Facts) -> str:
    """Who did it there, as Zoom names them."""
    return f" by {facts['operator']}" if facts.get("operator") else ""
