"""What a provider declares about its webhook, and how the body of a post is read."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ffapp.core.texts import clean

LARGEST_POST = 1024 * 1024
DEEPEST = 40
LARGEST = 2**63
MOST_DIGITS = 30
EARLIEST, LATEST = 1971, 2200  # years


class NotSigned(ValueError):
    """A post that cannot be believed; the text says why."""


@dataclass(frozen=True)
class Post:
    """A post as it arrived: the raw bytes, the headers, and the address that it came from.

    The address is the peer's, or what a trusted proxy says.
    """

    headers: Mapping[str, str]
    body: bytes
    address: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str:
        """The header of that name, whatever its case; empty when it is missing."""
        given = (value for key, value in self.headers.items() if key.lower() == name.lower())
        return next(given, "")

    def require(self, name: str) -> str:
        """The header of that name; raises NotSigned when it is missing."""
        value = self.header(name)
        if not value:
            raise NotSigned(f"The header {name} is missing.")
        return value

    def signed_at(self, name: str) -> datetime:
        """The Unix time in that header; raises NotSigned when it is missing or no number."""
        text = self.require(name)
        if not (text.isascii() and text.isdigit() and len(text) <= 10):
            raise NotSigned(f"{name} is not a number of seconds.")
        return datetime.fromtimestamp(int(text), UTC)


@dataclass(frozen=True)
class Webhook:
    """How `POST /hooks/KEY` treats a post of the provider.

    verify        raises NotSigned, with the reason, unless the provider made the post; it is given
                  the provider's settings
    dedupe_key    the same for each try of one event
    event_name    what the post is about, for the list of webhooks; empty when it is not understood
    answer        the JSON to answer at once instead of keeping the post (a validation of the URL),
                  or None
    kept_headers  headers that are kept with the post, beside those of every provider
    secrets       names of JSON fields whose text is not kept, because it opens something
    largest       bytes that a post may have
    covers_body   whether the proof covers the body, as a signature does and a mere header does not
    advice        part of a reason for refusing → what an admin should check; the first that is
                  found counts, "" is always found
    """

    verify: Callable[[Any, Post], None]
    dedupe_key: Callable[[Post], str]
    event_name: Callable[[Post], str]
    answer: Callable[[Any, Post], dict[str, str] | None] = lambda settings, post: None
    kept_headers: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    largest: int = LARGEST_POST
    covers_body: bool = True
    advice: Mapping[str, str] = field(default_factory=dict)

    def without_secrets(self, body: bytes) -> bytes:
        """The body as it may be kept, the text of `secrets` blanked."""
        for name in self.secrets:
            field = rb'("%s"\s*:\s*)"(?:[^"\\]|\\.)*"' % name.encode()
            body = re.sub(field, rb'\1"(not kept)"', body)
        return body


def json_of(raw_body: bytes) -> Any:
    """The JSON in a post or an answer; None when it cannot be read.

    Nothing in it can break what it is handed to: texts are clean, numbers fit a bigint, and it is
    not nested deeper than anybody means. What is otherwise is None.
    """
    try:
        return _usable(json.loads(raw_body), DEEPEST)
    except (ValueError, RecursionError):
        return None


def _usable(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        # A long row of digits would become a number that no column holds.
        return "" if len(value) > MOST_DIGITS and value.isdigit() else clean(value)
    if isinstance(value, int | float):
        return value if abs(value) < LARGEST else None  # NaN is not less than anything
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        return None
    if isinstance(value, list):
        return [_usable(each, levels - 1) for each in value]
    return {clean(name): _usable(each, levels - 1) for name, each in value.items()}


def in_reach(moment: datetime | None) -> datetime | None:
    """The moment, in UTC; None for one so far away that reckoning with it would fail."""
    try:
        found = moment.astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        return None
    return found if found and EARLIEST <= found.year <= LATEST else None


def object_of(value: Any) -> dict[str, Any]:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_of(row: Mapping[str, Any], key: str) -> str:
    """The text, or whole number, under that key; empty when it is something else.

    What strangers write must not break the database, which stores no NUL and no half letter.
    """
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return clean(value)


def instant_of(seconds: Any, parts: int = 1) -> datetime | None:
    """A Unix time in seconds, or in such `parts` of a second; None when it is none."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return in_reach(datetime.fromtimestamp(seconds / parts, UTC))
    except (ValueError, OverflowError, OSError):
        return None
