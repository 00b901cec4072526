"""What happened, in words: a timeline, and the pieces of which domains make their sentences.

Each sentence continues the name of who did it: “Asha Rao” + “moved “Week 3” to …”.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ffapp.core import clock
from ffapp.core.events import Event, edits_since
from ffapp.web.kit.subjects import url_of_event
from ffapp.web.rendering import own_zone


@dataclass(frozen=True)
class Words:
    """`what` follows the actor's name; `why` stands under it; `tone` only where it matters."""

    what: str
    why: str | None = None
    tone: str | None = None


Facts = dict[str, Any]
Say = Callable[[Facts, str], Words]  # the facts of an event, and the zone in which to say times

SENTENCES: dict[str, Say] = {}  # by event; what the domains declare, see `web.kit.domains`


def sentence(event: Event, zone: str | None = None) -> str:
    """`Asha Rao moved “Week 3” from … to …`, without a full stop; times in `zone`."""
    return _capital(f"{event.actor} {_words(event, zone).what}")


def edits_in_words(row: Any, revision: int, zone: str | None = None) -> list[tuple[str, datetime]]:
    """What others saved in a row since it had that revision, newest first: (sentence, when)."""
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


def just(what: str, tone: str | None = None) -> Say:
    """A sentence that needs no facts."""
    return lambda facts, zone: Words(what, tone=tone)


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
