"""A verb for many: offered by a list for the rows that are chosen on it, confirmed on a page.

A list draws each of its bulk actions as a form by GET that goes to the action's confirmation page.
There the address names whom it is about: `id=1&id=2`, or `all=1` with the filters of the list.
So the confirmation survives Back and reload, and can be sent to somebody else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flask

from ffapp.ledger.batches import Batch
from ffapp.web.kit.filters import parse_number
from ffapp.web.kit.forms import Form
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import sent_ids
from ffapp.web.kit.undo import flash_with_undo

MOST_IDS = 1000  # an address may carry so many; beyond that one chooses all that match
NAMED = 5  # of those for whom it could not be done


@dataclass(frozen=True)
class BulkAction:
    """`label` is the button's verb, `endpoint` the confirmation page."""

    label: str
    endpoint: str
    icon: str | None = None
    danger: bool = False

    @property
    def url(self) -> str:
        return flask.url_for(self.endpoint)


@dataclass(frozen=True)
class Line:
    """One of the chosen on the confirmation page. `version` is what it is shown at."""

    id: int
    name: str
    url: str
    about: str = ""
    when: Any = None  # (instant, zone)
    version: int = 0


@dataclass(frozen=True)
class Outcome:
    """What was done: a sentence, its batch (None: nothing was done), and for whom it failed."""

    text: str
    batch: Batch | None
    failed: Sequence[str] = ()
    why: str = ""


class Changed(Exception):
    """One of the chosen is not what it was when the page was shown; nothing was done."""


@dataclass(frozen=True)
class Confirmation:
    """What is asked before something is done to many, and who does it.

    `load` finds the chosen, in the order in which they are shown; `refusal` says why it cannot be
    done to one of them. `title`, `button` and `warning` are about those to which it can. `act` gets
    these, the form, and id → version as shown; it runs in a transaction and may raise Changed.
    `notes` say what follows.
    """

    title: Callable[[Sequence[Any]], str]
    button: Callable[[Sequence[Any]], str]
    load: Callable[[Sequence[int]], Sequence[Any]]
    line: Callable[[Any], Line]
    act: Callable[[Sequence[Any], Any, Mapping[int, int]], Outcome]
    nothing: str  # what is said when it can be done to none
    refusal: Callable[[Any], str | None] = lambda thing: None
    warning: Callable[[Sequence[Any]], str | None] = lambda able: None
    notes: Sequence[str] = ()
    form: type[Form] = Form
    keep: str = "Cancel"
    danger: bool = False

    def respond(self, ids: Sequence[int], back: str) -> flask.Response:
        """Ask, by GET; do it and go `back`, by POST."""
        if flask.request.method == "GET":
            return self._ask(self.form(formdata=None), ids, back)
        form = self.form()
        if not form.validate_on_submit():
            return self._ask(form, ids, back, status=422)

        def work() -> str:
            # Behind the form's key: its twin would find that it cannot be done any more.
            able, left_out = self._divide(ids)
            if able:
                _say(self.act(able, form, _versions()))
            else:
                self._say_nothing(left_out)
            return back

        try:
            return submit(work)
        except Changed as changed:
            return self._ask(form, ids, back, changed=str(changed), status=409)

    def _ask(
        self,
        form: Form,
        ids: Sequence[int],
        back: str,
        *,
        changed: str | None = None,
        status: int = 200,
    ) -> flask.Response:
        able, left_out = self._divide(ids)
        if not able:
            self._say_nothing(left_out)
            return see(back)
        return page(
            "kit/confirm.html",
            ask=self,
            form=form,
            able=able,
            lines=[self.line(each) for each in able],
            left_out=left_out,
            changed=changed,
            back=back,
            status=status,
        )

    def _divide(self, ids: Sequence[int]) -> tuple[list[Any], list[tuple[str, str]]]:
        """Those to whom it can be done, and (name, why not) of the others."""
        chosen = [(each, self.refusal(each)) for each in self.load(ids)]
        left_out = [(self.line(each).name, why) for each, why in chosen if why]
        return [each for each, why in chosen if why is None], left_out

    def _say_nothing(self, left_out: Sequence[tuple[str, str]]) -> None:
        only = f"“{left_out[0][0]}” {left_out[0][1]}." if len(left_out) == 1 else None
        flask.flash(only or self.nothing, "warn")


def selected_ids(every: Callable[[], Sequence[int]] | None = None) -> list[int]:
    """The ids that the request names as `id`, once each; with `all`, those that `every` finds.

    `every` reads the filters of the list from the same address.
    """
    if every is not None and flask.request.values.get("all"):
        return list(every())
    return sent_ids("id")[:MOST_IDS]


def _say(outcome: Outcome) -> None:
    text = outcome.text
    if outcome.failed:
        names = ", ".join(outcome.failed[:NAMED])
        more = len(outcome.failed) - NAMED
        text += f" {outcome.why} {names}{f' and {more} others' if more > 0 else ''}."
    if outcome.batch is None:
        flask.flash(text.strip(), "warn")
    else:
        flash_with_undo(text, outcome.batch)


def _versions() -> dict[int, int]:
    """Id → version, as the page showed each."""
    return {
        each: parse_number(flask.request.form.get(f"version-{each}", "")) or 0
        for each in sent_ids("id")
    }
