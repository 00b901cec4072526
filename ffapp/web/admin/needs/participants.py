"""People in a class of whom nobody knows who they are."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import flask
from sqlalchemy import ColumnElement, exists, func, select

from ffapp import clock
from ffapp.classes import live
from ffapp.classes.attendance_models import Stay
from ffapp.classes.matching import unmatched
from ffapp.classes.models import ClassSession, MeetingInstance
from ffapp.db import db
from ffapp.web.admin.needs.need import Need

LOOKS_BACK = timedelta(days=7)
SHOWN = 20


def needs() -> Iterable[Need]:
    """One for each class that is over, since it may still become clear while it runs.

    Who only came to a rehearsal of the host's is not asked about, as in the class's own tray.
    """
    rows = db.session.execute(
        select(
            ClassSession.id,
            ClassSession.title,
            func.count(_identity().distinct()).label("people"),
            func.coalesce(func.min(_seen_first()), ClassSession.ends_at).label("since"),
        )
        .join(Stay, Stay.session_id == ClassSession.id)
        .where(
            unmatched(),
            ~_at_a_rehearsal(),
            ClassSession.ends_at <= clock.now(),
            ClassSession.ends_at > clock.now() - LOOKS_BACK,
        )
        .group_by(ClassSession.id)
        .order_by(ClassSession.ends_at)
        .limit(SHOWN)
    )
    for row in rows:
        who = "One person was" if row.people == 1 else f"{row.people} people were"
        page = flask.url_for("admin.class_attendance", class_id=row.id)
        yield Need(
            kind="unmatched_people",
            sentence=f"{who} in “{row.title}” of whom nobody knows who they are.",
            since=row.since,
            verb="Say who",
            link=page,
            page=page,
            tone="warn",
        )


def _at_a_rehearsal() -> ColumnElement[bool]:
    """Whether the meeting that the stay was in was one."""
    return exists().where(
        MeetingInstance.zoom_uuid == Stay.meeting_uuid,
        MeetingInstance.ended_at.is_not(None),
        ~live.ended_as_class(),
    )


def _seen_first() -> ColumnElement[datetime]:
    """When somebody was in the class, by a webhook or by Zoom's list, which may know more."""
    return func.coalesce(Stay.joined_at, Stay.listed_joined_at, Stay.left_at, Stay.listed_left_at)


def _identity() -> ColumnElement[str]:
    """`Stay.identity`, in SQL."""
    known = (func.nullif(each, "") for each in (Stay.registrant_id, Stay.email, Stay.zoom_id))
    return func.coalesce(*known, Stay.meeting_uuid.concat(Stay.user_id))
