"""Undo: each act that tells somebody has the same way back for a minute, wherever it was pressed.

A domain says how its acts are told with an `UndoView`; how they are undone it registers with
`ledger.batches.register_undo`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.batches import AlreadyUndone, Batch, CannotUndo, TooLate, Undone, undo
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.kit.page import see
from ffapp.web.kit.queries import get_or_404


@dataclass(frozen=True)
class UndoView:
    """How one kind of act is told.

    `name` is what the timeline says was undone. `done` says what was done (“2 classes were
    cancelled”), `things` what becomes of so many things when it is undone (“2 classes are held
    after all”). `page` is where one sees it. `tells`: when it is undone in time nobody was told,
    and that is said.
    """

    name: str
    done: Callable[[Batch], str]
    things: Callable[[int], str]
    page: Callable[[Batch], str]
    tells: bool = True


_views: dict[str, UndoView] = {}


def show_undo_as(kind: str, view: UndoView) -> None:
    """Say how acts of a kind are told."""
    _views[kind] = view


def name_of(kind: str) -> str:
    """What the timeline calls acts of a kind."""
    return _views[kind].name if kind in _views else "an act on many"


def counted(one: str, several: str, rest: str) -> Callable[[int], str]:
    """`1 class is held …`, `3 classes are held …`, from `class is`, `classes are` and the rest."""
    return lambda count: f"{count} {one if count == 1 else several} {rest}"


@dataclass(frozen=True)
class Undoable:
    """A batch that can be undone now, and who made it."""

    batch: Batch
    by: str | None

    @property
    def what(self) -> str:
        return _views[self.batch.kind].done(self.batch)


def undoable(*, subject: str | None = None, kind: str | None = None) -> Sequence[Undoable]:
    """What can be undone now, the newest first: on one subject (`class=12`), or of one kind.

    A toast is shown once, and after a double click it may never be seen; the page itself has the
    way back for as long as there is one.
    """
    rows = db.session.execute(
        select(Batch, Person.name)
        .outerjoin(Person, Person.id == Batch.made_by_id)
        .where(
            Batch.undone_at.is_(None),
            Batch.undo_until > clock.now(),
            *([Batch.facts["subjects"].contains([subject])] if subject else []),
            *([Batch.kind == kind] if kind else []),
        )
        .order_by(Batch.id.desc())
    )
    return [Undoable(batch, name) for batch, name in rows if batch.kind in _views]


def flash_with_undo(text: str, batch: Batch | None) -> None:
    """Say what was done, with a way back for as long as there is one (None: nothing was done)."""
    if batch is None:
        flask.flash(text)
        return
    message: dict[str, Any] = {
        "text": text,
        "undo_url": flask.url_for(".batch_undo", batch_id=batch.id),
        "undo_until": batch.undo_until.isoformat(),
    }
    flask.flash(message)  # type: ignore[arg-type]


def batch_undo(batch_id: int) -> flask.typing.ResponseReturnValue:
    batch = get_or_404(Batch, batch_id)
    view = _views[batch.kind]
    try:
        undone = transaction(undo, batch, auth.me())
    except AlreadyUndone:
        flask.flash("This was undone before; nothing was changed now", "warn")
    except TooLate as late:
        flask.flash(_too_late(late), "warn")
    except CannotUndo as reason:
        flask.flash(str(reason), "warn")
    else:
        flask.flash(_said(view, undone), "warn" if undone.gone else "good")
    return see(auth.back_or(view.page(batch)))


def add_routes(blueprint: flask.Blueprint) -> None:
    """The button."""
    rule = "/batches/<int:batch_id>/reversals"
    blueprint.add_url_rule(rule, view_func=batch_undo, methods=["POST"])


def _said(view: UndoView, undone: Undone) -> str:
    first = f"Undone: {view.things(undone.things)}."
    if undone.gone:
        told = "1 message" if undone.gone == 1 else f"{undone.gone} messages"
        return f"{first} {told} had gone already."
    return f"{first} Nobody was told." if view.tells else first


def _too_late(late: TooLate) -> str:
    if not late.gone:
        return "The minute is over, so nothing was undone"
    return f"Nothing was undone: {late.gone} of it had gone already"
