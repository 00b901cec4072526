"""Looking at the rows of a file before anything is done: a run, and again what was typed over."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import func, select, text

from ffapp.core import runs
from ffapp.core.db import db
from ffapp.core.runs import Chunk, Run
from ffapp.imports.importer import Importer, check_cells, importer_of
from ffapp.imports.models import ImportFile, ImportRow, RowState
from ffapp.people.models import Person

KIND = "import.check"
CHUNK = 500

# Of rows with the same key the first counts; whether one is a duplicate changes with every edit.
MARK_DUPLICATES = text("""
WITH firsts AS (
    SELECT number, min(number) OVER (PARTITION BY key) AS first
      FROM import_rows
     WHERE import_id = :id AND state IN ('ready', 'duplicate') AND key IS NOT NULL)
UPDATE import_rows AS r
   SET state = CASE WHEN f.number > f.first THEN 'duplicate' ELSE 'ready' END,
       reason = CASE WHEN f.number > f.first
                     THEN 'The same ' || (
                         SELECT label
                           FROM unnest(CAST(:fields AS text[]), CAST(:labels AS text[]))
                                AS k(field, label)
                          WHERE jsonb_exists(r."values", k.field) LIMIT 1
                     ) || ' is in row ' || f.first || '.' END
  FROM firsts AS f
 WHERE r.import_id = :id AND r.number = f.number
   AND (f.number > f.first) <> (r.state = 'duplicate')
""")
MARK_SHARED = text("""
WITH counted AS (
    SELECT number, "values" ->> :field AS value,
           count(*) OVER (PARTITION BY "values" ->> :field) > 1 AS shared
      FROM import_rows
     WHERE import_id = :id AND state = 'ready')
UPDATE import_rows AS r
   SET notes = CASE WHEN c.shared AND c.value IS NOT NULL
                    THEN r.notes || jsonb_build_object(CAST(:note AS text), CAST(:said AS text))
                    ELSE r.notes - CAST(:note AS text) END
  FROM counted AS c
 WHERE r.import_id = :id AND r.number = c.number
   AND (c.shared AND c.value IS NOT NULL) <> (r.notes ? CAST(:note AS text))
""")


def start_check(imported: ImportFile, by: Person) -> Run:
    """Have all rows looked at; the caller may do the first of it itself (`runs.perform`)."""
    run = runs.start(
        KIND,
        by,
        subject=f"import={imported.id}",
        total=count_rows(imported),
        by_caller=True,
        import_id=imported.id,
    )
    imported.check_id = run.id
    return run


def work(run: Run) -> Iterator[Chunk]:
    """500 rows at a time, and at the end what can only be seen in all of them."""
    for _ in range(run.done, run.total, CHUNK):
        yield _check_next
    yield _compare


def edit_rows(imported: ImportFile, edits: Mapping[int, Mapping[str, str]]) -> None:
    """Type over fields of some rows (number → field → text), and look at them again."""
    rows = db.session.scalars(
        select(ImportRow)
        .where(
            ImportRow.import_id == imported.id,
            ImportRow.number.in_(edits),
            ImportRow.state.in_([RowState.READY, RowState.BAD, RowState.DUPLICATE]),
        )
        .order_by(ImportRow.number)
        .with_for_update()
    ).all()
    for row in rows:
        row.edits = {**row.edits, **edits[row.number]}
    _check(importer_of(imported), imported, rows)
    _compare_rows(imported)


def skip_row(imported: ImportFile, number: int, is_skipped: bool) -> None:
    """Leave a row out, or take it in again."""
    row = db.session.get(ImportRow, (imported.id, number), with_for_update=True)
    if row is None or row.state in (RowState.APPLIED, RowState.REJECTED, RowState.UNDONE):
        return
    if is_skipped:
        row.state, row.reason = RowState.SKIPPED, "It was left out."
    else:
        _check(importer_of(imported), imported, [row])
    _compare_rows(imported)


def count_rows(imported: ImportFile) -> int:
    return sum(count_states(imported).values())


def count_states(imported: ImportFile) -> dict[str, int]:
    """State → how many rows."""
    rows = db.session.execute(
        select(ImportRow.state, func.count())
        .where(ImportRow.import_id == imported.id, ImportRow.number > imported.header_row)
        .group_by(ImportRow.state)
    )
    return {row[0]: row[1] for row in rows}


def _check_next(run: Run) -> None:
    imported = db.session.get_one(ImportFile, run.facts["import_id"])
    rows = db.session.scalars(
        select(ImportRow)
        .where(
            ImportRow.import_id == imported.id,
            ImportRow.number > run.position.get("after", imported.header_row),
        )
        .order_by(ImportRow.number)
        .limit(CHUNK)
        .with_for_update()
    ).all()
    if not rows:
        return
    new = [row for row in rows if row.state == RowState.NEW]
    _check(importer_of(imported), imported, new)
    run.done += len(rows)
    run.failed += sum(row.state == RowState.BAD for row in new)
    run.position = {"after": rows[-1].number}


def _check(importer: Importer, imported: ImportFile, rows: Sequence[ImportRow]) -> None:
    for row in rows:
        check_cells(importer, row, imported.mapping)
    importer.check(importer.target_of(imported), rows)
    for row in rows:
        row.state, row.reason = RowState.BAD if row.errors else RowState.READY, None
    db.session.flush()


def _compare(run: Run) -> None:
    _compare_rows(db.session.get_one(ImportFile, run.facts["import_id"]))


def _compare_rows(imported: ImportFile) -> None:
    """What can only be seen in all rows together: duplicates, and values that several share."""
    importer = importer_of(imported)
    db.session.flush()
    labels = [importer.column(each).label.lower() for each in importer.key]
    keys = {"fields": list(importer.key), "labels": labels}
    db.session.execute(MARK_DUPLICATES, {"id": imported.id, **keys})
    for field, said in importer.shared.items():
        values = {"id": imported.id, "field": field, "note": f"shared {field}", "said": said}
        db.session.execute(MARK_SHARED, values)
    db.session.expire_all()
