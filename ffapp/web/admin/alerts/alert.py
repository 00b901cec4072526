"""One thing that waits for a person: a sentence, since when, and the one button that mends it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SHOWN = 20  # at most so many of one kind


@dataclass(frozen=True)
class Alert:
    """`kind` names it for tests and for the page; `action` is posted to by the button `verb`.

    A need without an action has a `link` instead, to where it can be mended. With `choices`
    (value of `person_id`, and words) there is a button for each instead of the one with the `verb`.
    `page` is where more can be read.
    """

    kind: str
    sentence: str
    since: datetime
    verb: str
    action: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    choices: Sequence[tuple[str, str]] = ()
    link: str | None = None
    page: str | None = None
    tone: str = "bad"
