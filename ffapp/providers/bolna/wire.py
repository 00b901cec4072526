"""What goes over the wire between Bolna and us: paths, fields, statuses.

Client, webhook and simulator meet here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ffapp.providers.kit.webhooks import in_reach, object_of, text_of

ME_PATH = "/user/me"
CALL_PATH = "/call"
PAGE_SIZE = 50  # the largest

EFFECT = "ffapp_effect"  # our effect in `user_data`, which comes back as `recipient_data`

SCHEDULED, PREPARED, QUEUED, RESCHEDULED = "scheduled", "prepared", "queued", "rescheduled"
INITIATED, RINGING, IN_PROGRESS = "initiated", "ringing", "in-progress"
DISCONNECTED, COMPLETED = "call-disconnected", "completed"
NO_ANSWER, BUSY, FAILED, ERROR = "no-answer", "busy", "failed", "error"
CANCELED, STOPPED, BALANCE_LOW = "canceled", "stopped", "balance-low"

TERMINAL = frozenset({COMPLETED, NO_ANSWER, BUSY, FAILED, ERROR, CANCELED, STOPPED, BALANCE_LOW})
RANKS: Mapping[str, int] = {
    SCHEDULED: 0,
    PREPARED: 0,
    QUEUED: 1,
    RESCHEDULED: 1,
    INITIATED: 2,
    RINGING: 3,
    IN_PROGRESS: 4,
    DISCONNECTED: 5,
    **dict.fromkeys(TERMINAL, 6),
}

WRONG_KEY = "Unrecognized access token"
ACCESS_DENIED = "Access denied"
TOO_SOON = "Scheduled time should be atleast 2 minutes in the future"
# unconfirmed: the words; that they speak of verified numbers is known
NOT_VERIFIED = "Trial accounts can only call verified phone numbers"

MICROS_PER_CENT = 10_000


def rank_of(status: str) -> int | None:
    """How far a call with this status has come; None for a status that we do not know."""
    return RANKS.get(status)


@dataclass(frozen=True)
class Execution:
    """One call as Bolna tells of it; what it left out is empty or None.

    `effect_id` is what we sent along in `user_data`. `seconds` is how long they spoke.
    `cost_micros` is in millionths of a US dollar. Instants are aware, UTC.
    """

    id: str
    agent_id: str
    status: str
    effect_id: str = ""
    retry_count: int = 0
    phone: str = ""
    error: str = ""
    is_voicemail: bool = False
    seconds: int | None = None
    cost_micros: int | None = None
    transcript: str = ""
    recording_url: str = ""
    hangup_by: str = ""
    hangup_reason: str = ""
    created_at: datetime | None = None

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL


def execution_of(value: Any) -> Execution | None:
    """The execution in a webhook or an answer; None where it has no id or no status.

    Never fails: fields of another type than we know are taken for missing.
    """
    body = object_of(value)
    identity = text_of(body, "id") or text_of(body, "execution_id")
    status = text_of(body, "status")
    if not identity or not status:
        return None
    telephony = object_of(body.get("telephony_data"))
    context = object_of(body.get("context_details"))
    retries = body.get("retry_count")
    seconds = _number(_first(body, "conversation_duration", "conversation_time"))
    cost = _number(body.get("total_cost"))
    return Execution(
        id=identity[:100],
        agent_id=text_of(body, "agent_id")[:100],
        status=status[:50],
        effect_id=text_of(object_of(context.get("recipient_data")), EFFECT),
        retry_count=min(retries, 1000) if type(retries) is int and retries > 0 else 0,
        phone=text_of(telephony, "to_number")
        or text_of(body, "user_number")
        or text_of(context, "recipient_phone_number"),
        error=text_of(body, "error_message")[:500],
        is_voicemail=body.get("answered_by_voice_mail") is True,
        seconds=None if seconds is None else round(seconds),
        cost_micros=None if cost is None else round(cost * MICROS_PER_CENT),
        transcript=text_of(body, "transcript"),
        recording_url=text_of(telephony, "recording_url")[:2000],
        hangup_by=text_of(telephony, "hangup_by")[:50],
        hangup_reason=text_of(telephony, "hangup_reason")[:200],
        created_at=instant(body.get("created_at")),
    )


def instant(value: Any) -> datetime | None:
    """An ISO time with `Z`, with an offset, or without any: then it is UTC."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return in_reach(found if found is None or found.tzinfo else found.replace(tzinfo=UTC))


def words_in(payload: Any, text: str = "") -> str:
    """Bolna's own words in an answer, whichever of its four shapes that has; else `text`, cut."""
    if isinstance(payload, dict):
        for name in ("message", "detail", "error"):
            words = payload.get(name)
            if isinstance(words, list) and words:  # FastAPI's list of what is wrong
                words = object_of(words[0]).get("msg")
            if isinstance(words, str) and words.strip():
                return words.strip()[:300]
    return " ".join(text.split())[:200]


def placed_id(payload: Any) -> str:
    """The execution's id in the answer to `POST /call`; empty when it has none."""
    return text_of(object_of(payload), "execution_id")[:100]


def _first(body: Mapping[str, Any], *names: str) -> Any:
    return next((body[name] for name in names if body.get(name) is not None), None)


def _number(value: Any) -> Decimal | None:
    """A number from 0 to a million, whether it came as a number or as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < 1_000_000 else None
