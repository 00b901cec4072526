"""What a line of a timeline is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Words:
    """`what` follows the actor's name; `why` stands under it; `tone` only where it matters."""

    what: str
    why: str | None = None
    tone: str | None = None


Say = Callable[[dict[str, Any], str], Words]


def title_of(facts: dict[str, Any]) -> str:
    """The class, as the event calls it."""
    return f"“{facts['title']}”" if facts.get("title") else "the class"


def inside_zoom(facts: dict[str, Any], why: str | None = None) -> str | None:
    """`why`, and that somebody did it inside Zoom, where the event says so."""
    done = f"Done inside Zoom{by_operator(facts)}" if "operator" in facts else None
    return ". ".join(filter(None, [why, done])) or None


def by_operator(facts: dict[str, Any]) -> str:
    """Who did it there, as Zoom names them."""
    return f" by {facts['operator']}" if facts.get("operator") else ""
