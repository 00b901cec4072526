"""How an act towards a provider ended, in our own words.

Accepted        the provider took it, and gave it a reference
ProviderError
├── Refused     the provider said no; the same request would be refused again
├── Unavailable it did not act and says (or shows) that later is better
└── Unclear     the request was written; whether it was acted upon is not known
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Accepted:
    """The provider acted. `reference` is its own name for the result; `facts` what it told us."""

    reference: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class ProviderError(Exception):
    """`reason` is one sentence for people: what happened and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(ProviderError):
    """Trying the same again cannot help. `status` is the HTTP status, `code` the provider's own.

    `divisible` is true of a batch that was refused because of some of its members.
    """

    divisible = False

    def __init__(self, reason: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.code = code


class Unavailable(ProviderError):
    """It certainly did not act. `retry_at` (aware UTC): when the provider asks for the next try."""

    def __init__(self, reason: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.retry_at = retry_at


class Unclear(ProviderError):
    """It may have acted. Never repeat blindly: ask the provider, or a person."""


Outcome = Accepted | ProviderError
