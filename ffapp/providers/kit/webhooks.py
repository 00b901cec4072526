"""What a provider declares about its webhook: is a post genuine, do we have it already."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class NotSigned(ValueError):
    """A post that cannot be believed; the text says why."""


@dataclass(frozen=True)
class Post:
    """A post as it arrived: the raw bytes, and the headers with their names in lower case."""

    headers: Mapping[str, str]
    body: bytes
    remote_address: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


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
    advice        part of a reason for refusing → what an admin should check; the first that is
                  found counts, "" is always found
    """

    verify: Callable[[Any, Post], None]
    dedupe_key: Callable[[Post], str]
    event_name: Callable[[Post], str]
    answer: Callable[[Any, Post], dict[str, str] | None] = lambda settings, post: None
    kept_headers: tuple[str, ...] = ()
    advice: Mapping[str, str] = field(default_factory=dict)
