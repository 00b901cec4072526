"""A student's home and schedule, the join card, and the one click to Zoom."""

from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import bindparam, or_

from ffapp.attendance.attendance import own_attendance
from ffapp.classes import permissions
from ffapp.classes import phase as live
from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.meetings.entry import can_join
from ffapp.meetings.entry import join as join_class
from ffapp.people.consent import Purpose, agreed_to
from ffapp.web import auth, month
from ffapp.web.auth import student
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.visits import is_deliberate
from ffapp.web.month import Month
from ffapp.web.student.join_card import DRAWN, Kind, join_card

# A class that is over stays the first thing on the page for so long, unless another is nearer.
STAYS = timedelta(hours=4)
LATER = 3
# With as many as can have ended within the hours for which they stay.
ON_HOME = 1 + LATER + 4
SHOWN = 30
A_DAY = timedelta(hours=25)
# Built once: putting it together for each page would cost more than to ask it.
COMING = (
    permissions.classes_of(bindparam("person_id"))
    .where(
        ClassSession.starts_at > bindparam("a_day_ago"),
        or_(
            ClassSession.ends_at > bindparam("planned_after"),
            ClassSession.is_live,
            ClassSession.ended_at > bindparam("lately"),
        ),
    )
    .order_by(ClassSession.starts_at, ClassSession.id)
)


@student.get("/home")
def home() -> flask.typing.ResponseReturnValue:
    person = auth.me()
    coming = _coming(STAYS, ON_HOME)
    first = _first(coming)
    later = [each for each in coming if each is not first and not _is_over(each)][:LATER]
    cards = _cards([first] if first else [])
    return page("student/home.html", cards=cards, later=later, person=person)


@student.get("/schedule")
def schedule() -> flask.typing.ResponseReturnValue:
    past = flask.request.args.get("past") == "1"
    if past:
        sessions = _past()
        attended = own_attendance(auth.me(), sessions, clock.now())
        return page(
            "student/schedule.html", cards=[], sessions=sessions, past=True, attended=attended
        )
    coming = [each for each in _coming(timedelta(0), SHOWN) if not _is_over(each)]
    near = [each for each in coming if _is_near(each)]
    rest = [each for each in coming if not _is_near(each)]
    return page("student/schedule.html", cards=_cards(near), sessions=rest, past=False)


@student.get("/classes/<int:class_id>/card")
def card(class_id: int) -> flask.typing.ResponseReturnValue:
    """The card alone, for the page that asks again; nothing (204) where it has `seen` this one."""
    _, found = _find(class_id)
    if flask.request.args.get("seen") == found["version"]:
        return flask.Response(status=204, headers={"Cache-Control": "no-store"})
    flask.request.environ.get(DRAWN, {})["kind"] = found["kind"]
    answer = page("student/card.html", card=found)
    answer.set_etag(found["version"])
    return answer


@student.get("/classes/<int:class_id>/join")
def join(class_id: int) -> flask.typing.ResponseReturnValue:
    """Write down the join and go to Zoom; where there is no button, say why."""
    session = get_or_404(permissions.CLASSES, class_id)
    if not is_deliberate():
        return flask.redirect(flask.url_for("student.class_show", class_id=session.id), 302)
    if not can_join(session):  # the card is drawn for nobody else: all press at the same minute
        (found,) = _cards([session])
        return page("student/class.html", card=found, session=session, status=409)
    return flask.redirect(transaction(join_class, session, auth.me()), 302)


@student.get("/classes/<int:class_id>")
def class_show(class_id: int) -> flask.typing.ResponseReturnValue:
    session, found = _find(class_id)
    return page("student/class.html", card=found, session=session)


@student.get("/classes/<int:class_id>/cannot-join")
def cannot_join(class_id: int) -> flask.typing.ResponseReturnValue:
    session, found = _find(class_id)
    return page("student/cannot_join.html", card=found, session=session)


def _find(class_id: int) -> tuple[ClassSession, dict[str, object]]:
    """The class, and its card."""
    session = get_or_404(permissions.CLASSES, class_id)
    return session, _cards([session])[0]


def _coming(stays: timedelta, at_most: int) -> list[ClassSession]:
    """The next classes, those that are live, and those that ended less than `stays` ago."""
    now = clock.now()
    values = {
        "person_id": auth.me().id,
        "a_day_ago": now - A_DAY,
        "lately": now - stays,
        "planned_after": now - stays - live.LATE_START,
    }
    rows = db.session.scalars(COMING.limit(at_most), values)
    return [each for each in rows if not _is_over(each) or live.ended_at(each) + stays > now]


def _past() -> list[ClassSession]:
    """Classes that are over."""
    rows = db.session.scalars(
        permissions.classes_of(auth.me().id)
        .where(ClassSession.starts_at <= clock.now())
        .order_by(ClassSession.starts_at.desc(), ClassSession.id)
        .limit(SHOWN)
    )
    return [each for each in rows if _is_over(each)]


def _first(coming: list[ClassSession]) -> ClassSession | None:
    """What stands at the top: what lives, else what comes within the hour, else what just ended."""
    now = clock.now()
    order = {Phase.LIVE: 0, Phase.NOT_STARTED: 1, Phase.OPEN: 1}

    def rank(session: ClassSession) -> tuple[int, float]:
        phase = live.phase_of(session, now)
        soon = phase is Phase.WAITING and session.starts_at < now + timedelta(hours=1)
        away = abs((session.starts_at - now).total_seconds())
        return (order.get(phase, 2 if soon else 3 if phase is Phase.ENDED else 4), away)

    standing = [each for each in coming if not each.is_cancelled] or coming
    return min(standing, key=rank, default=None)


def _is_over(session: ClassSession) -> bool:
    now = clock.now()
    if session.is_cancelled:
        return session.ends_at <= now
    return live.phase_of(session, now) is Phase.ENDED


def _is_near(session: ClassSession) -> bool:
    """Whether it gets a card of its own: it begins within the hour, or can be joined already."""
    now = clock.now()
    return session.starts_at < now + timedelta(hours=1) or live.opens_at(session) <= now


def _cards(sessions: list[ClassSession]) -> list[dict[str, object]]:
    person = auth.me()
    joined = permissions.joined(person, [each.id for each in sessions])
    zone, language = person.time_zone, person.language
    recorded = person.id in agreed_to(Purpose.RECORDING, [person.id])
    kinds = [Kind(each.id in joined, zone, language, recorded) for each in sessions]
    return [join_card(each, kind) for each, kind in zip(sessions, kinds, strict=True)]


@student.get("/schedule/month")
def schedule_month() -> flask.typing.ResponseReturnValue:
    """The classes of a month, in the student's own zone."""
    person = auth.me()
    shown = month.month_of(permissions.classes_of(person.id), person.time_zone)
    return page("student/month.html", month=shown, **_zones(shown, person.time_zone))


def _zones(shown: Month, own: str | None) -> dict[str, Any]:
    """How many cohorts the month's classes are of, and which is held in a zone other than `own`."""
    zones = {(each.session.cohort.name, each.session.time_zone) for each in shown.entries}
    return {
        "many_cohorts": len(zones) > 1,
        "cohort_zones": sorted((name, zone) for name, zone in zones if zone != own),
    }
