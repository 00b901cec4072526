"""The pages of an import: a file is chosen, its columns are matched, its rows checked and applied.

A domain has one view of its own, on which the file is chosen (`upload_page`), and says how its
import is named (`ImportView`); all that follows is the same for every import.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import select

from ffapp.core import runs
from ffapp.core.db import db, transaction
from ffapp.core.runs import Run
from ffapp.core.table_files import MOST_ROWS, NotATable, csv_line
from ffapp.imports import applying, checking, upload
from ffapp.imports.applying import AlreadyApplied
from ffapp.imports.importer import Importer, importer_of
from ffapp.imports.models import ImportFile, RowState
from ffapp.ledger.batches import Batch
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.kit import import_grid, uploads
from ffapp.web.kit.csv_file import stream
from ffapp.web.kit.idempotency import new_key, submit
from ffapp.web.kit.import_grid import columns_page
from ffapp.web.kit.page import go_to, page, see, wanted_fragment
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.runs import RunView, show_as, status_of
from ffapp.web.kit.undo import UndoView, counted, show_undo_as

AT_ONCE_SECONDS = 2.0  # so long the request itself checks; the rest of a long file is the worker's
EARLIER_SHOWN = 5
NOT_APPLIED = (RowState.BAD, RowState.DUPLICATE, RowState.SKIPPED, RowState.REJECTED)


@dataclass(frozen=True)
class ImportView:
    """How a kind of import is named: one thing, several; and what it goes into: the endpoint of
    its page, and what the page calls the id."""

    one: str
    several: str
    page: tuple[str, str]

    def count(self, number: int) -> str:
        return f"{number:,} {self.one if number == 1 else self.several}"

    def home(self, target: Any) -> tuple[str, str]:
        """The name and the URL of what a file is imported into."""
        endpoint, parameter = self.page
        return target.name, flask.url_for(endpoint, **{parameter: target.id})


_views: dict[str, ImportView] = {}


def show_import_as(kind: str, view: ImportView) -> None:
    """Say how imports of a kind are named."""
    _views[kind] = view


def upload_page(
    importer: Importer, target: Any, *, heading: str, lead: str = ""
) -> flask.typing.ResponseReturnValue:
    """Choose a file to import into `target`, by GET; store it, by POST. For a view that
    `accepts_upload`. With `?example` it answers a file that shows the columns.
    """
    if "example" in flask.request.args:
        return _example(importer)
    problem = uploads.refusal()
    if flask.request.method == "POST":
        try:
            return _store(importer, target.id)
        except NotATable as refused:
            problem = str(refused)
    return page(
        "kit/imports/upload.html",
        importer=importer,
        heading=heading,
        crumb=_views[importer.kind].home(target),
        lead=lead,
        problem=problem,
        most_rows=MOST_ROWS,
        most_megabytes=uploads.MOST_MEGABYTES,
        earlier=_earlier(importer, target.id),
        new_key=new_key,
        status=422 if problem else 200,
    )


def _store(importer: Importer, target_id: int) -> flask.Response:
    file = flask.request.files.get("file")
    if file is None or not file.filename:
        raise NotATable("Choose a file first.")
    name, sent = file.filename, file.stream

    def work() -> str:
        sent.seek(0)
        imported = upload.store_file(importer, sent, name, target_id=target_id, by=auth.me())
        return flask.url_for(".import_columns", import_id=imported.id)

    return submit(work)


def import_columns(import_id: int) -> flask.typing.ResponseReturnValue:
    """Say which column is which; then the rows are checked."""
    imported = get_or_404(ImportFile, import_id)
    if imported.run_id is not None:
        return see(flask.url_for(".import_show", import_id=import_id))
    answer = columns_page(imported)
    if answer is not None:
        return answer
    run = transaction(checking.start_check, imported, auth.me())
    runs.perform(run.id, AT_ONCE_SECONDS)
    return see(flask.url_for(".import_show", import_id=import_id))


def import_show(import_id: int) -> flask.typing.ResponseReturnValue:
    """The rows with what is wrong in them; while a run is at work, how far it is."""
    imported = get_or_404(ImportFile, import_id)
    if imported.check_id is None:
        return see(flask.url_for(".import_columns", import_id=import_id))
    run = db.session.get_one(Run, imported.run_id or imported.check_id)
    run_status = status_of(run)
    if run_status.is_over and wanted_fragment() == "import-progress":
        return go_to(flask.request.full_path.rstrip("?"))  # the rows are there now
    view, importer = _views[imported.kind], importer_of(imported)
    grid = import_grid.grid_of(imported)
    batch = db.session.get(Batch, imported.batch_id) if imported.batch_id else None
    ready = grid.counts.get(RowState.READY, 0)
    target = importer.target_of(imported)
    return page(
        "kit/imports/show.html",
        fragments=("import_progress",),
        imported=imported,
        importer=importer,
        view=view,
        run=run,
        run_view=RUN_VIEWS[run.kind],
        run_status=run_status,
        grid=grid,
        ready=ready,
        left=sum(grid.counts.get(state, 0) for state in NOT_APPLIED),
        forecast=importer.forecast(target, ready) if batch is None else None,
        home=view.home(target),
        batch=batch,
        maker=db.session.get_one(Person, imported.made_by_id),
        new_key=new_key,
    )


def import_edit(import_id: int) -> flask.typing.ResponseReturnValue:
    """Take over what was typed into cells, and leave rows out or take them in."""
    imported = get_or_404(ImportFile, import_id)
    if imported.run_id is None:
        transaction(import_grid.take_edits, imported)
    return see(auth.back_or(flask.url_for(".import_show", import_id=import_id)))


def import_apply(import_id: int) -> flask.typing.ResponseReturnValue:
    imported = get_or_404(ImportFile, import_id)

    def work() -> str:
        try:
            applying.start_apply(imported, auth.me())
        except AlreadyApplied:
            flask.flash("This file is imported already", "warn")
        return flask.url_for(".import_show", import_id=import_id)

    return submit(work)


def import_rejected(import_id: int) -> flask.typing.ResponseReturnValue:
    """The rows that were not imported, as they were sent, with the reason of each."""
    imported = get_or_404(ImportFile, import_id)
    return stream(f"not-imported-{imported.id}", _rejected_lines(imported))


def add_routes(blueprint: flask.Blueprint) -> None:
    """The pages of every import."""
    rule, post = "/imports/<int:import_id>", {"methods": ["POST"]}
    blueprint.add_url_rule(rule, view_func=import_show)
    blueprint.add_url_rule(f"{rule}/columns", view_func=import_columns, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{rule}/rows", view_func=import_edit, **post)
    blueprint.add_url_rule(f"{rule}/runs", view_func=import_apply, **post)
    blueprint.add_url_rule(f"{rule}/not-imported.csv", view_func=import_rejected)


def _page_of_run(run: Run) -> str:
    return flask.url_for(".import_show", import_id=run.facts["import_id"])


RUN_VIEWS = {
    checking.KIND: RunView(
        "Check of a file",
        "Checking the rows",
        ("Import", _page_of_run),
        lambda run: f"checked {run.done:,} of {run.total:,} rows",
        can_cancel=False,
    ),
    applying.KIND: RunView(
        "Import of a file",
        "Importing the rows",
        ("Import", _page_of_run),
        lambda run: f"imported {run.done - run.failed:,} of {run.total:,} rows",
    ),
}
for _kind, _view in RUN_VIEWS.items():
    show_as(_kind, _view)


def _earlier(importer: Importer, target_id: int) -> Sequence[Any]:
    """Rows of (file, the run that applied it)."""
    return db.session.execute(
        select(ImportFile, Run)
        .join(Run, Run.id == ImportFile.run_id)
        .where(ImportFile.kind == importer.kind, ImportFile.target_id == target_id)
        .order_by(ImportFile.id.desc())
        .limit(EARLIER_SHOWN)
    ).all()


def _example(importer: Importer) -> flask.Response:
    head = csv_line(column.label for column in importer.columns)
    return stream("example", [head, csv_line(each.example for each in importer.columns)])


def _rejected_lines(imported: ImportFile) -> Iterator[str]:
    importer = importer_of(imported)
    fields = {column: field for field, column in imported.mapping.items()}
    yield csv_line([*imported.header, "Row", "Reason"])
    for row in applying.rows_in(imported, *NOT_APPLIED):
        cells = [
            row.raw(fields[index], imported.mapping) if index in fields else cell
            for index, cell in enumerate([*row.cells, *[""] * (imported.width - len(row.cells))])
        ]
        yield csv_line([*cells, str(row.number), import_grid.reason_of(importer, row)])


show_undo_as(
    applying.BATCH,
    UndoView(
        name="an import",
        done=lambda batch: "A file was imported",
        things=counted("row is", "rows are", "taken back"),
        page=lambda batch: flask.url_for(".import_show", import_id=batch.facts["import_id"]),
    ),
)
