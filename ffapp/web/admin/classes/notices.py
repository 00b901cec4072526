"""The messages about a class, counted by notice and by what became of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from ffapp.classes import series
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.ledger.handlers import foreseen
from ffapp.ledger.models import MESSAGE_KINDS, Effect, State
from ffapp.web.admin.messages.ledger_rows import title_of_rule

MOST_PLANNED = 5000  # that are looked at one by one


@dataclass
class Line:
    """One notice on one channel: how many messages stand in each state, and why some did not go.

    `subject` is the class, or its cohort where one message told of a whole series.
    """

    rule: str
    kind: str
    title: str
    subject: str
    first_due_at: datetime
    counts: dict[str, int] = field(default_factory=dict)
    reasons: list[tuple[str, int, str]] = field(default_factory=list)
    due_at: datetime | None = None
    will_be_withheld: Counter[str] = field(default_factory=Counter)  # reason → how many


def notices_of(session: ClassSession) -> Sequence[Line]:
    """One line for each notice about the class, in the order in which a class has them."""
    lines: dict[tuple[str, str], Line] = {}
    together = and_(
        Effect.subject == session.cohort.subject,
        Effect.cause_event_id.in_(series.events_of(session)),
    )
    about_it = or_(Effect.subject == session.subject, together), Effect.kind.in_(MESSAGE_KINDS)
    rows = db.session.execute(
        select(
            Effect.rule,
            Effect.kind,
            Effect.subject,
            Effect.state,
            Effect.reason,
            func.count(),
            func.min(Effect.due_at),
        )
        .where(*about_it)
        .group_by(Effect.rule, Effect.kind, Effect.subject, Effect.state, Effect.reason)
        .order_by(Effect.state, func.min(Effect.id))
    )
    for rule, kind, subject, state, reason, count, due_at in rows:
        line = lines.setdefault(
            (rule, kind), Line(rule, kind, title_of_rule(rule), subject, due_at)
        )
        line.first_due_at = min(line.first_due_at, due_at)
        line.counts[state] = line.counts.get(state, 0) + count
        if state == State.PLANNED:
            line.due_at = min(due_at, line.due_at or due_at)
        elif state != State.SENT and reason:
            line.reasons.append((state, count, reason))
    _count_apart(lines, about_it)
    first = {}
    for line in lines.values():
        first[line.rule] = min(line.first_due_at, first.get(line.rule, line.first_due_at))
    return sorted(lines.values(), key=lambda line: (first[line.rule], line.rule, line.kind))


def _count_apart(lines: Mapping[tuple[str, str], Line], about_it: Sequence[Any]) -> None:
    """Of what is planned, count apart what would be withheld now."""
    planned = db.session.scalars(
        select(Effect).where(*about_it, Effect.state == State.PLANNED).limit(MOST_PLANNED)
    ).all()
    reasons = foreseen(planned)
    for effect in planned:
        if effect.id in reasons:
            line = lines[effect.rule, effect.kind]
            line.will_be_withheld[reasons[effect.id]] += 1
            line.counts[State.PLANNED] -= 1
