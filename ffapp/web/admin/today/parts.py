"""What Today shows: first steps and their connections, the next class, the figures of the week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import flask
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    exists,
    func,
    literal,
    select,
    union,
    union_all,
)

from ffapp.classes import phase as live
from ffapp.classes.models import LONGEST, ClassSession, Join, MeetingInstance
from ffapp.classes.phase import Phase
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import MESSAGE_KINDS, Effect, State
from ffapp.people.consent import Purpose
from ffapp.people.models import Consent
from ffapp.programme.models import Cohort, Enrolment
from ffapp.providers.connections import KIND, Connection, last_answers, start_check
from ffapp.providers.registry import PROVIDERS
from ffapp.recordings.models import RecordingView
from ffapp.web import auth
from ffapp.web.auth import admin
from ffapp.web.kit.page import see
from ffapp.web.kit.runs import RunView, show_as

DAYS = 7
# The fourteen days are bits, the oldest first.
LAST_WEEK = (1 << DAYS) - 1
THIS_WEEK = LAST_WEEK << DAYS


@dataclass(frozen=True)
class Step:
    """One step; `why` says what comes of it."""

    title: str
    why: str
    is_done: bool
    link: str = ""
    url: str = ""


def first_steps() -> Sequence[Step]:
    """All of them, or none once the last is done; one query."""
    cohort_id, has_students, has_guardians, has_classes = db.session.execute(
        select(
            select(func.max(Cohort.id)).scalar_subquery(),
            exists().where(Enrolment.withdrawn_at.is_(None)),
            exists().where(Consent.purpose == Purpose.ACCOUNT),
            exists().where(ClassSession.id.is_not(None)),
        )
    ).one()
    is_ready = cohort_id is not None
    if is_ready and has_students and has_guardians and has_classes:
        return ()
    cohort_url = flask.url_for(
        "admin.cohort_show" if is_ready else "admin.cohort_new", cohort_id=cohort_id
    )
    people_url = flask.url_for("admin.person_index", role="student")
    class_url = flask.url_for("admin.class_new")
    new_url = flask.url_for("admin.cohort_new")
    consent = "A student is invited and gets messages once a guardian has agreed."
    meeting = "Its meeting is made at Zoom, and the students are told."
    adding = "Import a list, or invite them one by one."
    return (
        Step("A cohort", "A group that learns together.", is_ready, "Create a cohort", new_url),
        Step("Its students", adding, has_students, "Add students", cohort_url),
        Step("Their guardians", consent, has_guardians, "Open the students", people_url),
        Step("The first class", meeting, has_classes, "Schedule a class", class_url),
    )


def connections() -> Sequence[Step]:
    """One for each provider, as it answered last."""
    answers = last_answers()
    return [_connection(each.title, answers.get(each.title)) for each in PROVIDERS]


def _connection(provider: str, answer: Connection | None) -> Step:
    if answer is None:
        return Step(provider, "Not checked yet.", is_done=False)
    title = f"{provider} (simulated)" if answer.simulated else provider
    return Step(title, answer.sentence, is_done=answer.works)


def next_class() -> tuple[ClassSession, Phase] | None:
    """The class that lives, else the one that comes next."""
    now = clock.now()
    phases = [(each, live.phase_of(each, now)) for each in _not_long_over()]
    ahead = [(each, phase) for each, phase in phases if phase is not Phase.ENDED]
    return min(ahead, key=lambda each: each[1] is not Phase.LIVE, default=None)


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


@admin.post("/connections")
def connection_check() -> flask.typing.ResponseReturnValue:
    """Have every provider asked whether it takes our credentials; the run shows the answers."""
    run = transaction(start_check, auth.me())
    return see(flask.url_for("admin.run_show", run_id=run.id))


show_as(
    KIND,
    RunView(
        heading="Connections",
        label="Asking the providers",
        crumb=("Today", lambda run: flask.url_for("admin.today")),
        summary=lambda run: f"asked {run.done} of {run.total} providers",
        figures=lambda run: [
            (each["provider"], "Works" if each["works"] else "Does not work")
            for each in run.facts["answers"]
        ],
        links=lambda run: [
            ("Back to Today", flask.url_for("admin.today")),
            ("Providers", flask.url_for("admin.provider_index")),
        ],
        again=lambda run: ("Check again", flask.url_for("admin.connection_check"), {}),
        can_cancel=False,
    ),
)


@dataclass(frozen=True)
class Figure:
    """This week's count, last week's, and one point for each day of this week.

    Who joined on three days is one in the week, and one on each of the days.
    """

    label: str
    now: int
    before: int
    points: Sequence[int]
    url: str

    @property
    def change(self) -> str:
        difference = self.now - self.before
        return f"{difference:+d}" if difference else "as before"

    @property
    def trend(self) -> str | None:
        if self.now == self.before:
            return None
        return "up" if self.now > self.before else "down"


def figures() -> list[Figure]:
    """All of them in one query over two weeks."""
    now = clock.now()
    started_at, is_class = MeetingInstance.started_at, MeetingInstance.is_counted
    is_sent = (Effect.state == State.SENT, Effect.kind.in_(sorted(MESSAGE_KINDS)))
    past = flask.url_for("admin.class_index", when="past")
    asked = (
        ("Classes held", past, _different(MeetingInstance.session_id, started_at, now, is_class)),
        ("Students who joined", past, _different(Join.person_id, Join.at, now)),
        (
            "Messages sent",
            flask.url_for("admin.message_index", state="sent"),
            _each(Effect.settled_at, now, *is_sent),
        ),
        (
            "Recordings watched",
            flask.url_for("admin.recording_index"),
            _each(RecordingView.at, now),
        ),
    )
    counts: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for label, days, count in db.session.execute(
        union_all(*(_by_days(label, query) for label, _, query in asked))
    ):
        counts[label].append((days, count))
    return [_figure(label, counts[label], url) for label, url, _ in asked]


def _figure(label: str, counts: Sequence[tuple[int, int]], url: str) -> Figure:
    def on(days: int) -> int:
        return sum(count for mask, count in counts if mask & days)

    points = [on(1 << day) for day in range(DAYS, 2 * DAYS)]
    return Figure(label, on(THIS_WEEK), on(LAST_WEEK), points, url)


def _by_days(label: str, query: Select[Any]) -> Select[Any]:
    rows = query.subquery()
    return select(literal(label), rows.c.days, func.count()).group_by(rows.c.days)


def _each(at: Any, now: datetime, *conditions: ColumnElement[bool]) -> Select[Any]:
    """One row a thing, with the bit of its day."""
    return select(_day(at, now).label("days")).where(*_in_two_weeks(at, now), *conditions)


def _different(what: Any, at: Any, now: datetime, *conditions: ColumnElement[bool]) -> Select[Any]:
    """One row for each different thing, with the bits of all its days: to count distinct ones for
    each day and each week, Postgres would sort every row several times."""
    return (
        select(func.bit_or(_day(at, now)).label("days"))
        .where(*_in_two_weeks(at, now), *conditions)
        .group_by(what)
    )


def _in_two_weeks(at: Any, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return at > now - timedelta(days=2 * DAYS), at <= now


def _day(at: Any, now: datetime) -> ColumnElement[int]:
    begins = [now - timedelta(days=days) for days in range(2 * DAYS - 1, 0, -1)]
    number = func.width_bucket(at, literal(begins, ARRAY(DateTime(timezone=True))))
    return literal(1, Integer).op("<<")(number)
