"""Today: the next class with its one button, what needs somebody, and the figures of the week."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import flask
from sqlalchemy import select, update

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import release_stalled, run_again
from ffapp.ledger import admin_actions
from ffapp.ledger.admin_actions import ActionNotPossible
from ffapp.ledger.dispatch import dispatch
from ffapp.ledger.models import MESSAGE_KINDS, Effect, Lane, State
from ffapp.meetings import entry
from ffapp.messaging import undelivered
from ffapp.messaging.undelivered import LOGS
from ffapp.web import auth
from ffapp.web.admin.messages.alerts import LOOKS_BACK
from ffapp.web.admin.today.parts import connections, figures, first_steps, next_class
from ffapp.web.auth import admin
from ffapp.web.kit import alerts
from ffapp.web.kit.idempotency import new_key
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import form_id, get_or_404
from ffapp.webhooks.models import WebhookRefusal

AT_ONCE = 1000  # as many messages as one press takes up again
# The state in which the page showed them → what its button does, and how that is told.
VERBS: dict[str, tuple[Callable[[Effect, Any], None], str]] = {
    State.FAILED: (admin_actions.retry, "tried again now"),
    State.UNCERTAIN: (admin_actions.confirm, "taken as arrived"),
}


@admin.get("/today")
def today() -> flask.typing.ResponseReturnValue:
    """Each part is looked up when it is drawn, so a fragment costs its own."""
    return page(
        "admin/today.html",
        fragments=("next_class", "alerts"),
        first_steps=first_steps,
        connections=connections,
        find_next_class=next_class,
        can_start=lambda session: entry.can_start(session, clock.now()),
        find_alerts=alerts.on_today,
        shown_of_a_kind=alerts.SHOWN,
        figures=figures,
        new_key=new_key,
    )


@admin.post("/today/messages")
def message_group() -> flask.typing.ResponseReturnValue:
    """Try all those again that failed like this one; take as arrived those that are uncertain."""
    effect = get_or_404(Effect, form_id("effect_id"))
    shown = flask.request.form.get("state", "")
    # What the button said counts: an old "Retry" must not confirm what has become uncertain since.
    is_so_still = shown in VERBS and effect.state == shown
    count = transaction(_apply_to_alike, effect, shown) if is_so_still else 0
    return _back(count and f"{count} {'is' if count == 1 else 'are'} {VERBS[shown][1]}")


@admin.post("/today/tries")
def today_try() -> flask.typing.ResponseReturnValue:
    """Try now what waits for a provider, instead of when its turn comes."""
    count = transaction(_expedite, flask.request.form.get("channel", ""))
    return _back(count and f"{count} {'is' if count == 1 else 'are'} tried now")


@admin.post("/today/undelivered")
def today_undelivered() -> flask.typing.ResponseReturnValue:
    """An admin has seen that these did not arrive, for that reason; what fails later is news."""
    effect = get_or_404(Effect, form_id("effect_id"))
    for log, _, _ in LOGS:
        mine = db.session.scalar(select(log).where(log.effect_id == effect.id))
        if mine is not None:
            same = (log.reason.is_not_distinct_from(mine.reason), log.status == mine.status)
            shown = log.status_at <= _instant("until")
            undelivered.see(log, *same, shown, at=clock.now())
    db.session.commit()
    return see(flask.url_for("admin.today"))


@admin.post("/today/refusals/<int:refusal_id>")
def today_seen(refusal_id: int) -> flask.typing.ResponseReturnValue:
    """An admin has seen that posts were refused; it comes back when more are."""
    refusal = get_or_404(WebhookRefusal, refusal_id)
    refusal.seen_count = refusal.count
    db.session.commit()
    return see(flask.url_for("admin.today"))


@admin.post("/today/jobs/<int:job_id>")
def today_run(job_id: int) -> flask.typing.ResponseReturnValue:
    return _back(transaction(run_again, job_id) and "It runs again")


@admin.post("/today/rescues")
def today_rescue() -> flask.typing.ResponseReturnValue:
    count = transaction(release_stalled)
    freed = f"{count} {'job was' if count == 1 else 'jobs were'} freed"
    return _back(freed if count else "No dead worker holds a job. If none runs, start one.")


def _back(done: Any) -> flask.Response:
    """Today, which says what was `done`; when nothing was, somebody else was quicker."""
    if done:
        flask.flash(done)
    else:
        flask.flash("Somebody else changed this first, so nothing was changed", "warn")
    return see(flask.url_for("admin.today"))


def _apply_to_alike(effect: Effect, shown: str) -> int:
    """Decide all that are like this one and still in the state `shown`; answers how many."""
    alike = db.session.scalars(
        select(Effect)
        .where(
            Effect.rule == effect.rule,
            Effect.kind == effect.kind,
            Effect.subject == effect.subject,
            Effect.state == shown,
            Effect.reason.is_not_distinct_from(effect.reason),
            Effect.closed_at.is_(None),
            Effect.kind.not_in(MESSAGE_KINDS) | (Effect.settled_at > clock.now() - LOOKS_BACK),
        )
        .order_by(Effect.id)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    return sum(_decide(each, VERBS[shown][0]) for each in alike)


def _decide(effect: Effect, verb: Callable[[Effect, Any], None]) -> bool:
    """Whether it could be decided; one that has moved on holds up none of the others."""
    with suppress(ActionNotPossible):
        verb(effect, auth.me())
        return True
    return False


def _expedite(channel: str) -> int:
    waiting = update(Effect).where(
        Effect.state == State.PLANNED,
        Effect.attempts > 0,
        Effect.due_at > clock.now(),
        (Effect.kind == channel) | Effect.kind.startswith(f"{channel}.", autoescape=True),
    )
    rows = db.session.execute(waiting.values(due_at=clock.now()))
    if not rows.rowcount:
        return 0
    for lane in Lane:
        dispatch(lane)
    record("retries_expedited", by=auth.me(), on=auth.me(), channel=channel, count=rows.rowcount)
    return int(rows.rowcount)


def _instant(name: str) -> datetime:
    """The instant that the page was drawn with; long ago where the form does not say."""
    with suppress(ValueError):
        told = datetime.fromisoformat(flask.request.form.get(name, ""))
        if told.tzinfo is not None:
            return told
    return datetime.min.replace(tzinfo=UTC)
