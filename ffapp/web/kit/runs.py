"""A run on its page: how far it is, what went wrong, how to stop it or go on.

A domain says what is shown of its kind with a `RunView`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import flask

from ffapp.core import clock, runs
from ffapp.core.db import transaction
from ffapp.core.runs import Run, RunState
from ffapp.web import auth
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import get_or_404

# A worker takes a job within a second or two; after this the page says that none seems to run.
PATIENCE = timedelta(seconds=15)
LOST = timedelta(minutes=15)


@dataclass(frozen=True)
class Status:
    """`state` is one of the run's states, `troubled` (done, with problems) or `lost`."""

    state: str
    text: str

    @property
    def is_over(self) -> bool:
        return self.state not in (RunState.WAITING, RunState.RUNNING)

    @property
    def title(self) -> str:
        return TITLES[self.state][0]

    @property
    def tone(self) -> str:
        return TITLES[self.state][1]


TITLES = {
    RunState.WAITING: ("Waiting", "idle"),
    RunState.RUNNING: ("Running", "info"),
    RunState.DONE: ("Done", "good"),
    RunState.FAILED: ("Broken off", "bad"),
    RunState.CANCELLED: ("Cancelled", "warn"),
    "troubled": ("Done, with problems", "warn"),
    "lost": ("Broken off", "bad"),
}


Link = tuple[str, str]  # label, URL
Again = tuple[str, str, dict[str, Any]]  # label, URL, fields of the form


def count_done(run: Run) -> str:
    """`did 12 of 40`: what a run has done, where its domain has no better words."""
    return f"did {run.done} of {run.total}"


@dataclass(frozen=True)
class RunView:
    """How a kind of run is shown.

    `summary` is what it has done so far, to follow “It”, and `result` what it did when it is over.
    `figures` are (label, value). `again` asks for another run of the kind.
    """

    heading: str
    label: str  # of the progress bar
    crumb: tuple[str, Callable[[Run], str]]
    summary: Callable[[Run], str] = count_done
    result: Callable[[Run], str] | None = None
    about: Callable[[Run], Link | None] = lambda run: None
    figures: Callable[[Run], Sequence[tuple[str, Any]]] = lambda run: ()
    links: Callable[[Run], Sequence[Link]] = lambda run: ()
    again: Callable[[Run], Again | None] = lambda run: None
    nothing: str = "There was nothing to do."
    can_cancel: bool = True


_views: dict[str, RunView] = {}


def show_as(kind: str, view: RunView) -> None:
    """Say how runs of a kind are shown."""
    _views[kind] = view


def status_of(run: Run) -> Status:
    """What the run is doing, or has done, in words."""
    now, view = clock.now(), _views[run.kind]
    if run.state == RunState.DONE:
        if not run.total and not run.problems:
            return Status(RunState.DONE, view.nothing)
        count = len(run.problems) + run.fact("more_problems")
        problems = f" {count} {'problem' if count == 1 else 'problems'}." if count else ""
        did = (view.result or view.summary)(run)
        return Status("troubled" if count else RunState.DONE, f"It {did}.{problems}")
    if run.is_over or now - run.moved_at > LOST:
        state = run.state if run.is_over else "lost"
        how = "It was stopped." if state == RunState.CANCELLED else "It did not end."
        return Status(state, f"{how} Until then it {view.summary(run)}.")
    if run.cancel_requested_at is not None:
        return Status(RunState.RUNNING, "It stops after what it has in hand.")
    if run.state == RunState.WAITING:
        late = now - run.moved_at > PATIENCE
        text = "No worker has taken it yet; is one running?" if late else "A worker takes it next."
        return Status(RunState.WAITING, text)
    return Status(RunState.RUNNING, f"So far it {view.summary(run)}.")


def run_show(run_id: int) -> flask.typing.ResponseReturnValue:
    run = get_or_404(Run, run_id)
    return page(
        "kit/runs/show.html",
        fragments=("run_progress",),
        run=run,
        view=_views[run.kind],
        run_status=status_of(run),
    )


def run_cancel(run_id: int) -> flask.typing.ResponseReturnValue:
    return _change(run_id, runs.request_cancel)


def run_resume(run_id: int) -> flask.typing.ResponseReturnValue:
    return _change(run_id, runs.resume)


def add_routes(blueprint: flask.Blueprint) -> None:
    """The page of a run, and its buttons."""
    rule = "/runs/<int:run_id>"
    blueprint.add_url_rule(rule, view_func=run_show)
    blueprint.add_url_rule(f"{rule}/cancellation", view_func=run_cancel, methods=["POST"])
    blueprint.add_url_rule(f"{rule}/resumption", view_func=run_resume, methods=["POST"])


def _change(run_id: int, act: Callable[[Run], None]) -> flask.Response:
    run = get_or_404(Run, run_id)
    transaction(act, run)
    return see(auth.back_or(flask.url_for(".run_show", run_id=run_id)))
