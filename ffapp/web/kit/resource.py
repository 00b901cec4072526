"""A form that makes or changes one row: saved once, with errors beside its fields.

A page writes the fields and one verb of the domain:

    form = CohortForm(obj=cohort)
    return respond(form, save, show, row=cohort)

`templates/ui/resource.html` draws what belongs to every such form.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import flask
import wtforms

from ffapp.core.db import EditConflict, FieldError, db
from ffapp.web.kit.filters import parse_number
from ffapp.web.kit.forms import Form
from ffapp.web.kit.idempotency import submit


class ResourceForm(Form):
    """`revision` is that of the row which the form was filled from."""

    revision = wtforms.HiddenField()

    @property
    def typed_revision(self) -> int:
        """0 where none was sent, or something made up: no row has that revision."""
        return parse_number(str(self.revision.data or "")) or 0

    def renew(self, row: Any) -> None:
        """Carry the newest revision: saving again replaces what others saved."""
        self.revision.raw_data, self.revision.data = None, str(row.revision)


class AskFirst(Exception):
    """Nothing is saved before these questions were read, and answered by pressing “anyway”.

    `digest` stands for these questions about exactly what was typed, and for no others.
    """

    def __init__(self, questions: Sequence[str], digest: str) -> None:
        super().__init__(*questions)
        self.questions, self.digest = questions, digest


def ask_first(questions: Sequence[str], *about: Any) -> None:
    """Raise AskFirst, unless there is no question or this form answers exactly these.

    `about` is what the questions are about: they are asked again when any of it is changed.
    """
    text = "\n".join((*map(str, about), *questions))
    digest = hashlib.sha256(text.encode()).hexdigest()
    if questions and flask.request.form.get("confirmed") != digest:
        raise AskFirst(questions, digest)


def respond(
    form: Form,
    save: Callable[[], str],
    show: Callable[..., flask.Response],
    row: Any = None,
) -> flask.Response:
    """Show the form, show again what is wrong with it (422, 409), or save it and go on (303).

    `save` runs in a transaction of its own, at most once for each form that is shown, and answers
    the address to see next. It may raise FieldError, AskFirst, and EditConflict about `row`.
    `show(status=…)` draws the page; it gets `ask` (an AskFirst) or `conflict` (the revision of
    `row` that was typed over) as well. After a conflict the form carries the newest revision.
    """
    if not form.validate_on_submit():
        return show(status=422 if form.is_submitted() else 200)
    try:
        return submit(save)
    except FieldError as problem:
        form.refuse(problem.field, str(problem))
        return show(status=422)
    except AskFirst as ask:
        return show(status=422, ask=ask)
    except EditConflict:
        assert isinstance(form, ResourceForm)
        typed = form.typed_revision
        if row is not None:
            db.session.refresh(row)
            form.renew(row)
        return show(status=409, conflict=typed)
