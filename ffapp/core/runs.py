"""Long work in chunks, with a row that says how far it is.

A kind of run is a generator of chunks. A chunk is a function of the run's row: it is called in a
transaction that holds the row, and whatever it writes about the run's progress is committed with
its work. So each chunk is done exactly once, also when its worker is killed, or when two workers
have the same run. Between two chunks no transaction is open: there the generator may call a
provider.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import BigInteger, Index, Text, select, text
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock
from ffapp.core.db import Row, db, transaction
from ffapp.core.jobs import DEFAULT, TRANSIENT, defer, queue

log = structlog.get_logger()

SLICE_SECONDS = 10.0  # after that a worker gives its slot to others and the run queues up again
CALLER_SECONDS = 10
PROBLEMS_KEPT = 200


class RunState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # it broke off; what was done until then stays
    CANCELLED = "cancelled"


class Run(Row, db.Model):
    """`done` of `total` things, of which `failed` went wrong; `position` says where to go on.

    `facts` are what the run was asked for, and figures of what it found. `moved_at` is the last
    sign of life.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index("ix_runs_kind", "kind", "id"),
        Index("ix_runs_subject", "subject", "id", postgresql_where=text("subject IS NOT NULL")),
    )

    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int | None] = mapped_column(BigInteger)
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    moved_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(Text, default=RunState.WAITING)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    position: Mapped[dict[str, Any]] = mapped_column(default=dict)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    attempt: Mapped[int] = mapped_column(default=0)

    @property
    def is_over(self) -> bool:
        return self.finished_at is not None

    def fact(self, name: str) -> int:
        """A figure among the facts; 0 when nothing was counted yet."""
        return int(self.facts.get(name, 0))

    def add(self, **counts: int) -> None:
        """Add to figures among the facts."""
        self.facts = {**self.facts, **{name: self.fact(name) + n for name, n in counts.items()}}

    def note_problem(self, sentence: str) -> None:
        """Keep a sentence about something that went wrong; beyond 200 they are only counted."""
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems = [*self.problems, sentence]
        else:
            self.add(more_problems=1)


Chunk = Callable[[Run], None]
Work = Callable[[Run], Iterator[Chunk]]

_work: dict[str, Work] = {}


def register(kind: str, work: Work) -> None:
    """Say what a kind of run does.

    `work` gets a copy of the run as it was when a worker took it, and begins at its `position`:
    after a kill it is called again.
    """
    _work[kind] = work


def start(
    kind: str,
    by: Any,
    *,
    subject: str | None = None,
    total: int = 0,
    by_caller: bool = False,
    **facts: Any,
) -> Run:
    """Ask for a run in the caller's transaction; a worker takes it after the commit.

    `by` is the person who asks, or a word for what is not a person. `by_caller`: the caller does
    the first slice at once (`perform`), and the worker comes only when that does not happen.
    """
    now = clock.now()
    run = Run(
        kind=kind,
        subject=subject,
        asked_by=by if isinstance(by, str) else by.name,
        asked_by_id=getattr(by, "id", None),
        asked_at=now,
        moved_at=now,
        total=total,
        facts=facts,
        problems=[],
        position={},
    )
    db.session.add(run)
    db.session.flush()
    later = {"schedule_in": {"seconds": CALLER_SECONDS}} if by_caller else {}
    defer(perform_run, options=later, run_id=run.id)
    return run


def request_cancel(run: Run) -> None:
    """Have it stop before its next chunk; one that no worker has taken yet stops now."""
    db.session.refresh(run, with_for_update=True)
    if run.is_over:
        return
    run.cancel_requested_at = clock.now()
    if run.state == RunState.WAITING:
        _finish(run, RunState.CANCELLED)


def resume(run: Run) -> None:
    """Go on with a run that was cancelled, or broke off, from where it stopped."""
    db.session.refresh(run, with_for_update=True)
    if run.state == RunState.DONE:
        return
    run.state, run.finished_at, run.cancel_requested_at = RunState.WAITING, None, None
    run.moved_at = clock.now()
    defer(perform_run, run_id=run.id)


def unfinished(kind: str, subject: str | None, *, asked_after: datetime) -> Run | None:
    """The newest run of a kind about that subject that waits or is at work."""
    return db.session.scalar(
        select(Run)
        .where(
            Run.kind == kind,
            Run.subject.is_not_distinct_from(subject),
            Run.finished_at.is_(None),
            Run.asked_at > asked_after,
        )
        .order_by(Run.id.desc())
        .limit(1)
    )


def latest(kind: str, at_most: int) -> list[Run]:
    """The newest first."""
    newest = select(Run).where(Run.kind == kind).order_by(Run.id.desc()).limit(at_most)
    return list(db.session.scalars(newest))


@queue.task(name="runs.perform", queue=DEFAULT, priority=1)  # before the listeners it causes
def perform_run(run_id: int) -> None:
    """Do a run, or the next slice of it."""
    perform(run_id)


def perform(run_id: int, seconds: float = SLICE_SECONDS) -> None:
    """Do chunks for so many seconds; what is left then is done by another job.

    The slice ends at a chunk that has moved the run's position, for from there it can go on. Also
    for a request that wants to have little work done at once.
    """
    run = transaction(_take, run_id)
    if run is None:
        return
    until = time.monotonic() + seconds
    try:
        for chunk in _work[run.kind](run):
            if not transaction(_do, run_id, run.attempt, chunk, until):
                return
    except TRANSIENT:
        raise  # the queue runs the job again
    except Exception as error:  # whatever it is: the run's page says so
        log.exception("run.failed", run=run_id, kind=run.kind)
        transaction(_break_off, run_id, run.attempt, f"It broke off ({type(error).__name__}).")
    else:
        transaction(_end, run_id, run.attempt)


def _take(run_id: int) -> Run | None:
    """A copy of the run, with a new number of its attempt: an older attempt can write no more."""
    run = _locked(run_id)
    if run is None or run.is_over:
        return None
    run.attempt += 1
    run.state = RunState.RUNNING
    run.moved_at = clock.now()
    run.started_at = run.started_at or run.moved_at
    return Run(**{column.key: getattr(run, column.key) for column in Run.__table__.columns})


def _do(run_id: int, attempt: int, chunk: Chunk, until: float) -> bool:
    """Do one chunk; False when this worker must not go on with the run."""
    run = _locked(run_id)
    if run is None or run.attempt != attempt or run.is_over:
        return False
    if run.cancel_requested_at is not None:
        _finish(run, RunState.CANCELLED)
        return False
    before = run.position
    chunk(run)
    run.moved_at = clock.now()
    if run.position == before or time.monotonic() < until:
        return True
    defer(perform_run, run_id=run.id)
    return False


def _end(run_id: int, attempt: int) -> None:
    run = _locked(run_id)
    if run is not None and run.attempt == attempt and not run.is_over:
        _finish(run, RunState.DONE)


def _break_off(run_id: int, attempt: int, problem: str) -> None:
    run = _locked(run_id)
    if run is not None and run.attempt == attempt and not run.is_over:
        run.note_problem(problem)
        _finish(run, RunState.FAILED)


def _finish(run: Run, state: RunState) -> None:
    run.state = state
    run.finished_at = run.moved_at = clock.now()


def _locked(run_id: int) -> Run | None:
    return db.session.get(Run, run_id, with_for_update=True, populate_existing=True)
