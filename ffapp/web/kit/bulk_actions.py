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
from ffapp.web import auth
from ffapp.web.kit.forms import Form
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import page, see
from ffapp.web.kit.undo import flash_with_undo

LARGEST = 2**62
MOST_IDS = 1000  # an address may carry so many; beyond that one chooses all that match
NAMED = 5  # of those for whom it could not be done


@dataclass(frozen=True)
class BulkAction:
    """`label` is the button's verb, `endpoint` the confirmation page.

    `takes_all`: whether it can also be asked for all rows that match the list's filters.
    """

    label: str
    endpoint: str
    icon: str | None = None
    takes_all: bool = True
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

    `title` and `button` say it of so many things. `load` finds the chosen, in the order in which
    they are shown; `refusal` says why it cannot be done to one of them. `act` gets those to which
    it can be done, the form, and id → version as shown; it runs in a transaction and may raise
    Changed. `notes` say what follows, `warning` what to mind about so many.
    """

    title: Callable[[int], str]
    button: Callable[[int], str]
    load: Callable[[Sequence[int]], Sequence[Any]]
    line: Callable[[Any], Line]
    act: Callable[[Sequence[Any], Any, Mapping[int, int]], Outcome]
    nothing: str  # what is said when it can be done to none
    refusal: Callable[[Any], str | None] = lambda thing: None
    warning: Callable[[int], str | None] = lambda count: None
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
            able = [each for each in self.load(ids) if self.refusal(each) is None]
            if not able:
                flask.flash(self.nothing, "warn")
                return back
            _say(self.act(able, form, _versions()))
            return back

        try:
            return submit(form.submission.data, work)
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
        chosen = [(each, self.refusal(each)) for each in self.load(ids)]
        able = [self.line(each) for each, why in chosen if why is None]
        if not able:
            flask.flash(self.nothing, "warn")
            return see(back)
        return page(
            "kit/confirm.html",
            ask=self,
            form=form,
            lines=able,
            left_out=[(self.line(each).name, why) for each, why in chosen if why],
            warning=self.warning(len(able)),
            changed=changed,
            back=back,
            status=status,
        )


def selected_ids(every: Callable[[], Sequence[int]] | None = None) -> list[int]:
    """The ids that the request names as `id`, once each; with `all`, those that `every` finds.

    `every` reads the filters of the list from the same address.
    """
    if every is not None and flask.request.values.get("all"):
        return list(every())
    texts = dict.fromkeys(flask.request.values.getlist("id"))
    ids = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 20]
    return [each for each in ids if each <= LARGEST][:MOST_IDS]


def back_to(location: str) -> str:
    """The list as it was narrowed when they were chosen (`next`), or else `location`."""
    return auth.safe_path(flask.request.values.get("next")) or location


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
    found = {}
    for name, text in flask.request.form.items():
        kind, _, row = name.partition("-")
        if kind == "version" and row.isdecimal() and text.isdecimal() and len(row + text) < 30:
            found[int(row)] = int(text)
    return found
