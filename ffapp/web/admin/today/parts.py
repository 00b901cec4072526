"""What Today shows, part by part."""

from collections.abc import Sequence
from functools import cached_property

from sqlalchemy import select, union

from ffapp.classes import phase as live
from ffapp.classes.models import LONGEST, ClassSession
from ffapp.classes.phase import Phase
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.meetings import entry
from ffapp.web.admin.today.figures import Figure, figures
from ffapp.web.admin.today.first_steps import Step, connections, first_steps
from ffapp.web.kit import alerts
from ffapp.web.kit.alerts import SHOWN, Found
from ffapp.web.kit.idempotency import new_key


class NextClass:
    """The class that lives, else the one that comes next, with what its card says of it."""

    def __init__(self, session: ClassSession, phase: Phase) -> None:
        self.session = session
        self.phase = phase

    @cached_property
    def can_start(self) -> bool:
        return entry.can_start(self.session, clock.now())

    @property
    def submission(self) -> str:
        """The one-time key of its button."""
        return new_key()


class TodayPage:
    """What the page shows. Each part is looked up when it is drawn, so a fragment costs its own."""

    @cached_property
    def next_class(self) -> NextClass | None:
        now = clock.now()
        phases = [(each, live.phase_of(each, now)) for each in _not_long_over()]
        ahead = [NextClass(each, phase) for each, phase in phases if phase is not Phase.ENDED]
        return min(ahead, key=lambda each: each.phase is not Phase.LIVE, default=None)

    @cached_property
    def _alerts(self) -> tuple[Sequence[Found], bool]:
        return alerts.on_today()

    @property
    def alerts(self) -> Sequence[Found]:
        return self._alerts[0]

    @property
    def more_alerts(self) -> bool:
        """Whether there may be more than are shown."""
        return self._alerts[1]

    shown_of_a_kind = SHOWN

    @cached_property
    def first_steps(self) -> Sequence[Step]:
        return first_steps()

    @cached_property
    def connections(self) -> Sequence[Step]:
        return connections()

    @cached_property
    def figures(self) -> Sequence[Figure]:
        return figures()


def _not_long_over() -> Sequence[ClassSession]:
    """Those to come, those that go on (also over their time), and those that may still begin."""
    soon = (
        select(ClassSession.id)
        .where(
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at > clock.now() - live.LATE_START - LONGEST,
            ClassSession.ends_at > clock.now() - live.LATE_START,
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(10)
    )
    running = select(ClassSession.id).where(ClassSession.is_live)
    return db.session.scalars(
        select(ClassSession)
        .where(
            ClassSession.id.in_(union(soon, running)),
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(10)
    ).all()
