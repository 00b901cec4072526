"""Today: the next class with its one button, what needs somebody, and the figures of the week."""

from typing import Any

import flask
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from ffapp import clock
from ffapp.classes import live, start
from ffapp.classes.live import Phase
from ffapp.classes.models import ClassSession
from ffapp.classes.zoom_state import standing_of
from ffapp.db import db, transaction
from ffapp.events import record
from ffapp.jobs import free_stalled, run_again
from ffapp.ledger import decide
from ffapp.ledger.models import Effect, Lane, State
from ffapp.ledger.ring import ring
from ffapp.web import guard
from ffapp.web.admin.door import admin
from ffapp.web.admin.find import row_or_404
from ffapp.web.admin.needs.all_needs import all_needs
from ffapp.web.admin.today_figures import figures
from ffapp.web.once import new_key
from ffapp.web.page import page, see
from ffapp.webhooks.models import WebhookRefusal

AT_ONCE = 1000  # as many messages as one press takes up again


@admin.get("/today")
def today() -> flask.typing.ResponseReturnValue:
    session = _next_class()
    return page(
        "admin/today.html",
        fragments=("next_class", "needs"),
        session=session,
        next=_next(session) if session else None,
        needs=all_needs(),
        figures=figures(),
        new_key=new_key,
    )


@admin.post("/today/messages")
def message_group() -> flask.typing.ResponseReturnValue:
    """Try all those again that failed like this one; take as arrived those that are uncertain."""
    effect = row_or_404(Effect, _number("effect_id"))
    verb = decide.confirm if effect.state == State.UNCERTAIN else decide.retry
    count = transaction(_decide_alike, effect, verb)
    done = "taken as arrived" if verb is decide.confirm else "tried again now"
    flask.flash(f"{count} {'is' if count == 1 else 'are'} {done}")
    return see(flask.url_for("admin.today"))


@admin.post("/today/tries")
def today_try() -> flask.typing.ResponseReturnValue:
    """Try now what waits for a provider, instead of when its turn comes."""
    channel = flask.request.form.get("channel", "")
    count = transaction(_hurry, channel)
    flask.flash(f"{count} {'is' if count == 1 else 'are'} tried now")
    return see(flask.url_for("admin.today"))


@admin.post("/today/refusals/<int:refusal_id>")
def today_seen(refusal_id: int) -> flask.typing.ResponseReturnValue:
    """An admin has seen that posts were refused; it comes back when more are."""
    refusal = row_or_404(WebhookRefusal, refusal_id)
    refusal.seen_count = refusal.count
    db.session.commit()
    return see(flask.url_for("admin.today"))


@admin.post("/today/jobs/<int:job_id>")
def today_run(job_id: int) -> flask.typing.ResponseReturnValue:
    if not transaction(run_again, job_id):
        flask.abort(404)
    flask.flash("It runs again")
    return see(flask.url_for("admin.today"))


@admin.post("/today/rescues")
def today_rescue() -> flask.typing.ResponseReturnValue:
    count = transaction(free_stalled)
    flask.flash(
        f"{count} {'job was' if count == 1 else 'jobs were'} freed"
        if count
        else "No dead worker holds a job. If none runs, start one."
    )
    return see(flask.url_for("admin.today"))


def _next_class() -> ClassSession | None:
    """What lives, else what comes next."""
    now = clock.now()
    rows = db.session.scalars(
        select(ClassSession)
        .where(
            ClassSession.cancelled_at.is_(None),
            ClassSession.ends_at > now - live.LATE_START,
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .options(selectinload(ClassSession.instances))
        .limit(10)
    ).all()
    phases = {each.id: live.phase_of(each, now) for each in rows}
    ahead = [each for each in rows if phases[each.id] is not Phase.ENDED]
    return min(ahead, key=lambda each: phases[each.id] is not Phase.LIVE, default=None)


def _next(session: ClassSession) -> dict[str, Any]:
    now = clock.now()
    return {
        "phase": live.phase_of(session, now),
        "zoom": standing_of(session),
        "can_start": start.can_start(session, now),
        "soon": session.starts_at - now,
    }


def _decide_alike(effect: Effect, verb: Any) -> int:
    alike = db.session.scalars(
        select(Effect)
        .where(
            Effect.rule == effect.rule,
            Effect.kind == effect.kind,
            Effect.subject == effect.subject,
            Effect.state == effect.state,
            Effect.reason.is_not_distinct_from(effect.reason),
            Effect.closed_at.is_(None),
        )
        .order_by(Effect.id)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    for each in alike:
        verb(each, guard.me())
    return len(alike)


def _hurry(channel: str) -> int:
    waiting = update(Effect).where(
        Effect.state == State.PLANNED,
        Effect.attempts > 0,
        Effect.due_at > clock.now(),
        (Effect.kind == channel) | Effect.kind.startswith(f"{channel}.", autoescape=True),
    )
    rows = db.session.execute(waiting.values(due_at=clock.now()))
    for lane in Lane:
        ring(lane)
    record("waiting_tried", by=guard.me(), on=guard.me(), channel=channel, count=rows.rowcount)
    return int(rows.rowcount)


def _number(name: str) -> int:
    text = flask.request.form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
