"""Taking back what was just done to many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.batches import AlreadyUndone, Batch, TooLate, Undone, undo
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.kit.page import see
from ffapp.web.kit.queries import get_or_404

# kind → one thing, several things, and what has become of them
WORDS = {
    "enrol": ("seat is", "seats are", "taken back."),
    "message": ("message is", "messages are", "taken back."),
    "cancel": ("class is", "classes are", "held after all, as before."),
    "import": ("row is", "rows are", "taken back."),
}
# kind → the fact that lists its things, and what was done to one and to several of them
DONE = {
    "enrol": ("seats", "1 student was enrolled", "students were enrolled"),
    "cancel": ("class_ids", "1 class was cancelled", "classes were cancelled"),
}


@dataclass(frozen=True)
class Undoable:
    """A batch that can be undone now, and who made it."""

    batch: Batch
    by: str | None

    @property
    def what(self) -> str:
        things, one, several = DONE[self.batch.kind]
        count = len(self.batch.facts[things])
        return one if count == 1 else f"{count} {several}"


@admin.post("/batches/<int:batch_id>/reversals")
def batch_undo(batch_id: int) -> flask.typing.ResponseReturnValue:
    batch = get_or_404(Batch, batch_id)
    try:
        undone = transaction(undo, batch, auth.me())
    except AlreadyUndone:
        flask.flash("This was undone before; nothing was changed now", "warn")
    except TooLate as late:
        flask.flash(_too_late(late), "warn")
    else:
        flask.flash(_said(batch.kind, undone), "warn" if undone.gone else "good")
    return see(auth.back_or(_page_of(batch)))


def undoable(kind: str, **facts: Any) -> Sequence[Undoable]:
    """The batches with these facts that can be undone now, the newest first.

    A toast is shown once, and after a double click it may never be seen; the page itself has the
    way back for as long as there is one.
    """
    rows = db.session.execute(
        select(Batch, Person.name)
        .outerjoin(Person, Person.id == Batch.made_by_id)
        .where(
            Batch.kind == kind,
            Batch.facts.contains(facts),
            Batch.undone_at.is_(None),
            Batch.undo_until > clock.now(),
        )
        .order_by(Batch.id.desc())
    )
    return [Undoable(batch, name) for batch, name in rows]


def flash_with_undo(text: str, batch: Batch) -> None:
    """Say what was done, with a way back for as long as there is one."""
    message: dict[str, Any] = {
        "text": text,
        "undo_url": flask.url_for("admin.batch_undo", batch_id=batch.id),
        "undo_until": batch.undo_until.isoformat(),
    }
    flask.flash(message)  # type: ignore[arg-type]


def _said(kind: str, undone: Undone) -> str:
    one, several, become = WORDS[kind]
    first = f"Undone: {undone.things} {one if undone.things == 1 else several} {become}"
    if undone.gone:
        told = "1 message" if undone.gone == 1 else f"{undone.gone} messages"
        return f"{first} {told} had gone already."
    return first if kind == "message" else f"{first} Nobody was told."


def _too_late(late: TooLate) -> str:
    if not late.gone:
        return "The minute is over, so nothing was undone"
    return f"Nothing was undone: {late.gone} of it had gone already"


def _page_of(batch: Batch) -> str:
    """Where one sees what it is about."""
    match batch.kind:
        case "enrol":
            return flask.url_for("admin.cohort_show", cohort_id=batch.facts["cohort_id"])
        case "message":
            announcement_id = batch.facts["announcement_id"]
            return flask.url_for("admin.announcement_show", announcement_id=announcement_id)
        case "import":
            return flask.url_for("admin.import_show", import_id=batch.facts["import_id"])
    return flask.url_for("admin.class_index")
