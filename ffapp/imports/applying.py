"""Applying the rows that are ready: a run in chunks, and one batch that can be undone.

A row and its outcome are written in one transaction, so that each is applied once, also when the
worker is killed.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ScalarResult, delete, select
from sqlalchemy.exc import InterfaceError, OperationalError

from ffapp.core import clock, runs
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import SWEEPS, queue
from ffapp.core.runs import Chunk, Run
from ffapp.imports.checking import count_states
from ffapp.imports.importer import Importer, Rejected, importer_of
from ffapp.imports.models import ImportFile, ImportRow, RowState
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch, Undone
from ffapp.people.models import Person

log = structlog.get_logger()

KIND = "import.apply"
BATCH = "import"
CHUNK = 25
KEPT = timedelta(days=30)  # rows carry children's addresses: they are not kept for ever


class AlreadyApplied(Exception):
    """The file was applied before; nothing was changed."""


def start_apply(imported: ImportFile, by: Person) -> Run:
    """Apply all rows that are ready; raises AlreadyApplied."""
    db.session.refresh(imported, with_for_update=True)
    if imported.run_id is not None:
        raise AlreadyApplied
    batch = batches.begin(BATCH, by, subjects=[f"import={imported.id}"], import_id=imported.id)
    ready = count_states(imported).get(RowState.READY, 0)
    run = runs.start(KIND, by, subject=f"import={imported.id}", total=ready, import_id=imported.id)
    imported.run_id, imported.batch_id = run.id, batch.id
    return run


def work(run: Run) -> Iterator[Chunk]:
    """25 rows at a time; at the end it is written down what was done."""
    for _ in range(run.done, run.total, CHUNK):
        yield _apply_next
    yield _conclude


def undo(batch: Batch, by: Any) -> Undone:
    """Undo what has not gone out; a run that is still going stops."""
    imported = db.session.get_one(ImportFile, batch.facts["import_id"])
    importer = importer_of(imported)
    target = importer.target_of(imported, lock=True)
    gone = batches.cancel_effects(batch, by).gone
    told = batches.people_told(batch) if gone else set()
    rows = rows_in(imported, RowState.APPLIED).all()
    importer.undo(target, iter(rows), told, by)
    return Undone(sum(row.state == RowState.UNDONE for row in rows), gone)


def rows_in(imported: ImportFile, *states: RowState) -> ScalarResult[ImportRow]:
    """The rows in these states, in the order of the file, without holding all of them."""
    return db.session.scalars(
        select(ImportRow)
        .where(
            ImportRow.import_id == imported.id,
            ImportRow.number > imported.header_row,
            ImportRow.state.in_(states),
        )
        .order_by(ImportRow.number)
        .execution_options(yield_per=500)
    )


@queue.periodic(cron="7 * * * *")
@queue.task(name="imports.forget", queue=SWEEPS, queueing_lock="imports.forget")
def forget(timestamp: int) -> None:
    """Remove the rows of old files; that they were imported stays known."""
    old = select(ImportFile.id).where(ImportFile.made_at < clock.now() - KEPT)
    transaction(db.session.execute, delete(ImportRow).where(ImportRow.import_id.in_(old)))


def _apply_next(run: Run) -> None:
    imported = db.session.get_one(ImportFile, run.facts["import_id"])
    batch = _batch_of(imported)
    if batch.undone_at is not None:
        run.cancel_requested_at = clock.now()
        return
    importer, by = importer_of(imported), db.session.get_one(Person, run.asked_by_id)
    rows = db.session.scalars(
        select(ImportRow)
        .where(ImportRow.import_id == imported.id, ImportRow.state == RowState.READY)
        .order_by(ImportRow.number)
        .limit(CHUNK)
        .with_for_update()
    ).all()
    target = importer.target_of(imported, lock=True)
    for row in rows:
        _apply(importer, target, row, batch, by)
        run.done += 1
        run.failed += row.state == RowState.REJECTED
        run.position = {"after": row.number}
    batch.extend()


def _apply(importer: Importer, target: Any, row: ImportRow, batch: Batch, by: Person) -> None:
    try:
        with db.session.begin_nested():
            row.result = importer.apply(target, row.values, batch, by)
            row.state = RowState.APPLIED
    except Rejected as reason:
        row.state, row.reason = RowState.REJECTED, str(reason)
    except (OperationalError, InterfaceError):
        raise  # not the row's fault: the database went away
    except Exception as error:  # whatever is strange about this one, the others go on
        log.exception("import.row_failed", imported=row.import_id, row=row.number)
        row.state = RowState.REJECTED
        row.reason = f"It could not be stored ({type(error).__name__})."


def _conclude(run: Run) -> None:
    """Write down what was done."""
    imported = db.session.get_one(ImportFile, run.facts["import_id"])
    batch = _batch_of(imported)
    if batch.undone_at is not None:
        return
    importer, by = importer_of(imported), db.session.get_one(Person, run.asked_by_id)
    record(
        importer.event,
        by=by,
        on=importer.target_of(imported),
        import_id=imported.id,
        file=imported.file_name,
        applied=run.done - run.failed,
        rejected=run.failed,
    )


def _batch_of(imported: ImportFile) -> Batch:
    """Held until the commit: who undoes it waits for this chunk, and this chunk for them."""
    return db.session.get_one(
        Batch, imported.batch_id, with_for_update=True, populate_existing=True
    )
