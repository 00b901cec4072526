"""Slows down guessing. A try is counted before it is evaluated, so that tries at the same time
cannot get past the count; one that was right is taken back.

A subject is `kind:value`, such as `email:asha@example.in` or `place:203.0.113.9`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Text, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock
from ffapp.core.db import Row, db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import SWEEPS, queue

FORGET_AFTER = timedelta(hours=24)

log = structlog.get_logger()


@dataclass(frozen=True)
class Rate:
    """So many failures are free; after each further one the wait doubles, up to the longest."""

    free: int
    longest: timedelta


ACCOUNT = Rate(5, timedelta(minutes=15))
RATES = {
    "email": ACCOUNT,
    "device": ACCOUNT,  # a browser in which that person has signed in before
    "user": ACCOUNT,  # who is signed in and gives the password again
    "factor": ACCOUNT,
    # A whole school may stand behind one address: many are free, and the wait stays short.
    "place": Rate(100, timedelta(minutes=1)),
    "forgot": Rate(20, timedelta(minutes=1)),
}


class TooManyTries(Exception):
    """`wait` says how long nobody may try."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many tries")
        self.wait = wait


class SignInFailures(Row, db.Model):
    """Tries in a row that were wrong, and how many more were refused unseen."""

    __tablename__ = "sign_in_failures"

    subject: Mapped[str] = mapped_column(Text, unique=True)
    count: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    last_at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True)
class Attempt:
    """A counted try; `before` holds what `last_at` was for each subject."""

    at: datetime
    before: dict[str, datetime]


def reserve(*subjects: str) -> Attempt:
    """Count a try for each of the subjects; raises TooManyTries, and then counts a refusal.

    Commits, so that no lock is held while the try is evaluated. Give subjects in one order.
    """
    attempt, wait = transaction(_reserve, subjects)
    if wait:
        log.warning("sign_in.throttled", kinds=[each.partition(":")[0] for each in subjects])
        raise TooManyTries(wait)
    return attempt


def refund(attempt: Attempt) -> None:
    """The try was right: it counts no more, and nobody waits because of it."""
    for subject, before in attempt.before.items():
        untouched = SignInFailures.last_at == attempt.at
        db.session.execute(
            update(SignInFailures)
            .where(SignInFailures.subject == subject, SignInFailures.count > 0)
            .values(
                count=SignInFailures.count - 1,
                last_at=case((untouched, before), else_=SignInFailures.last_at),
            )
        )


def note_failure(attempt: Attempt) -> None:
    """The try was wrong: log it and record it. Nothing that is written names anybody."""
    log.warning("sign_in.failed", kinds=sorted(each.partition(":")[0] for each in attempt.before))
    row = db.session.scalar(
        select(SignInFailures).where(SignInFailures.subject == next(iter(attempt.before)))
    )
    if row is not None:
        record("sign_in_failed", by="somebody", on=row)


def _reserve(subjects: Sequence[str]) -> tuple[Attempt, timedelta]:
    now = clock.wall()
    rows = [_locked(subject, now) for subject in subjects]
    slow = {row.id: wait for row in rows if (wait := _wait(row, now)) > timedelta(0)}
    for row in rows:
        if row.id in slow:
            row.refused += 1
            if row.refused == 1:
                record("sign_in_throttled", by="somebody", on=row)
    before = {row.subject: row.last_at for row in rows}
    if slow:
        return Attempt(now, before), max(slow.values())
    for row in rows:
        row.count, row.last_at = row.count + 1, now
    return Attempt(now, before), timedelta(0)


def _locked(subject: str, now: datetime) -> SignInFailures:
    fresh = insert(SignInFailures).values(subject=subject, count=0, last_at=now)
    db.session.execute(fresh.on_conflict_do_nothing(index_elements=["subject"]))
    row = db.session.scalars(
        select(SignInFailures)
        .where(SignInFailures.subject == subject)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.last_at < now - FORGET_AFTER:
        row.count = row.refused = 0
    return row


def _wait(row: SignInFailures, now: datetime) -> timedelta:
    rate = RATES[row.subject.partition(":")[0]]
    over = row.count - rate.free
    if over < 0:
        return timedelta(0)
    wait = min(timedelta(seconds=2 ** min(over + 1, 20)), rate.longest)
    return max(row.last_at + wait - now, timedelta(0))


@queue.periodic(cron="7 * * * *")
@queue.task(name="sign_in_failures.forget", queue=SWEEPS, queueing_lock="sign_in_failures.forget")
def forget(timestamp: int) -> None:
    """Delete the failures of yesterday."""
    old = SignInFailures.last_at < clock.wall() - FORGET_AFTER
    transaction(db.session.execute, delete(SignInFailures).where(old))
