"""Messages that a provider took and did not deliver: which nobody has seen, and that they were."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, update

from ffapp.core.db import db
from ffapp.messaging.models import ChatStatus, EmailLog, MailStatus, Suppression, WhatsAppLog

LOOKS_BACK = timedelta(days=14)
# Each log, where its messages go, and how it calls those that did not arrive.
LOGS: Sequence[tuple[Any, Any, Sequence[str]]] = (
    (EmailLog, EmailLog.address, (MailStatus.DROPPED, MailStatus.BLOCKED, MailStatus.BOUNCED)),
    (WhatsAppLog, WhatsAppLog.phone, (ChatStatus.FAILED,)),
)


def unseen(log: Any, address: Any, words: Sequence[str], now: Any) -> list[ColumnElement[bool]]:
    """Which rows of one of the `LOGS` did not arrive lately, and nobody has seen that.

    Where the address itself takes nothing, that is told instead, once for all its messages.
    """
    return [
        log.status.in_(words),
        log.seen_at.is_(None),
        log.status_at > now - LOOKS_BACK,
        ~exists().where(Suppression.address == address, Suppression.holds),
    ]


def see(log: Any, *conditions: ColumnElement[bool], at: datetime) -> None:
    """Somebody has seen that these rows of a log did not arrive; the caller commits."""
    db.session.execute(
        update(log)
        .where(log.seen_at.is_(None), *conditions)
        .values(seen_at=at)
        .execution_options(synchronize_session=False)
    )


def see_all_to(address: str, at: datetime) -> None:
    """The same of all that went to an address."""
    for log, of_log, words in LOGS:
        see(log, log.status.in_(words), of_log == address, at=at)
