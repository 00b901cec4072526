"""Classes as calendar events (RFC 5545): one as a file of its own, or many as one calendar.

Times are written in UTC. A zone and its rules of summer time would matter only to a rule that
repeats by the local hour; here every class is an event of its own whose instant is settled, so a
calendar has nothing to work out, and shows it in the zone of its reader.

Files and feeds travel through mailboxes and calendar services, and are passed on: they lead to the
page of the class on our site, where one signs in, and never name the Zoom link or its passcode.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ffapp.classes.models import ClassSession
from ffapp.core import config, events
from ffapp.core.db import db
from ffapp.core.i18n import gettext
from ffapp.providers.sendgrid.settings import SendGridSettings

# The library takes 5 MB of each process that has it; only who makes a file takes it in.
if TYPE_CHECKING:
    from icalendar import Calendar, Event, vCalAddress

MIMETYPE = "text/calendar"
PRODUCT = "-//Future Founders//Classes//EN"
# What changes an event in a calendar; that a class began or ended does not.
CHANGES = (
    "class_scheduled",
    "class_moved",
    "class_renamed",
    "class_edited",
    "class_cancelled",
    "class_restored",
)
ASK_AGAIN = "PT1H"  # how often a calendar that follows a feed should look


def file_of(*sessions: ClassSession) -> bytes:
    """One class (or some together) to put into a calendar, or one that is cancelled to take out.

    They are published and not requested: a request asks for an answer to the organizer, names those
    who are invited (to each other, for a batch has one file), and nobody here waits for answers.
    """
    calendar = _empty()
    gone = all(session.is_cancelled for session in sessions)
    calendar.add("method", "CANCEL" if gone else "PUBLISH")
    changes = changed_at([session.id for session in sessions])
    for session in sessions:
        event = _event(session, changes)
        event.add("organizer", _organizer())  # both methods require one (RFC 5546)
        calendar.add_component(event)
    return calendar.to_ical()


def calendar_of(sessions: Sequence[ClassSession]) -> bytes:
    """All these classes as a calendar that is followed by its link; cancelled ones say so."""
    from icalendar import Timezone, vDuration

    calendar = _empty()
    calendar.add("x-wr-calname", SendGridSettings.current().from_name)
    calendar.add("refresh-interval", vDuration.from_ical(ASK_AGAIN), {"value": "DURATION"})
    calendar.add("x-published-ttl", ASK_AGAIN)
    changes = changed_at([session.id for session in sessions])
    for session in sessions:
        calendar.add_component(_event(session, changes))
    if not sessions:
        # A calendar without any component is none; a reader that refused it would go on showing
        # what somebody who left saw before.
        calendar.add_component(Timezone.from_tzid("Etc/UTC"))
    return calendar.to_ical()


def file_name(session: ClassSession) -> str:
    """Letters that every mail program and file system takes."""
    return f"class-{session.id}.ics"


def changed_at(class_ids: Sequence[int]) -> dict[int, datetime]:
    """Class id → when what a calendar shows of it changed last, by the events; one query."""
    rows = db.session.execute(
        select(events.Event.subject_id, func.max(events.Event.at))
        .where(
            events.Event.subject_type == ClassSession.__tablename__,
            events.Event.subject_id.in_(class_ids),
            events.Event.name.in_(CHANGES),
        )
        .group_by(events.Event.subject_id)
    )
    return {row[0]: row[1] for row in rows}


def _empty() -> "Calendar":
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    return calendar


def _event(session: ClassSession, changes: Mapping[int, datetime]) -> "Event":
    """The same class gives the same bytes until it changes, so the stamp is that of the change."""
    from icalendar import Event

    changed = changes.get(session.id, session.created_at)
    page = f"{config.current().public_url}/classes/{session.id}"
    event = Event()
    event.add("uid", session.calendar_uid)
    event.add("sequence", session.revision - 1)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.ends_at)
    event.add("summary", _legible(session.title))
    event.add("description", _description(session, page))
    event.add("url", page)
    event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    return event


def _description(session: ClassSession, page: str) -> str:
    because = session.cancelled_because
    said = gettext("Cancelled: %(because)s", because=because) if because else ""
    where = gettext("%(cohort)s. Join here: %(page)s", cohort=session.cohort.name, page=page)
    parts = (said, session.description, where)
    return _legible("\n\n".join(filter(None, parts)))


def _legible(text: str) -> str:
    """Without the signs that a calendar may not hold, which a form would take."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) != "Cc")


def _organizer() -> "vCalAddress":
    from icalendar import vCalAddress, vText

    sender = SendGridSettings.current()
    organizer = vCalAddress(f"mailto:{sender.from_email}")
    organizer.params["CN"] = vText(sender.from_name)
    return organizer
