"""Enter a class's meeting: students press Join, the host starts it.

The host's start link is fetched from Zoom for one person, and used once.
"""

from datetime import datetime, timedelta

from ffapp.classes.models import ClassSession, Join
from ffapp.classes.phase import LATE_START, Phase, phase_of
from ffapp.core import clock, signing
from ffapp.core.db import db, transaction
from ffapp.core.jobs import URGENT, defer, queue
from ffapp.core.outcomes import ProviderError
from ffapp.meetings import meeting_refresh
from ffapp.meetings.models import StartLink
from ffapp.meetings.personal_links import link_of
from ffapp.people.models import Person
from ffapp.providers.zoom.client import ZoomClient

JOINABLE = (Phase.OPEN, Phase.LIVE, Phase.NOT_STARTED)
# The holder of the link is the host, so it is kept no longer than the click takes.
KEPT = timedelta(seconds=60)


class CannotUse(ValueError):
    """The link cannot be used; the message says why."""


def can_join(session: ClassSession) -> bool:
    """Whether there is a Join button now."""
    return bool(session.zoom_join_url) and phase_of(session, clock.now()) in JOINABLE


def join(session: ClassSession, person: Person) -> str:
    """Record that the person pressed Join; answers the address at Zoom. The class must be open.

    The address is the person's own where they have one, so that Zoom says who they are.
    """
    db.session.add(Join(session_id=session.id, person_id=person.id, at=clock.now()))
    return link_of(session, person) or session.zoom_join_url or ""


def can_start(session: ClassSession, now: datetime) -> bool:
    """Whether there is a meeting to start: also again, when it broke off before its time."""
    if session.is_cancelled or not session.zoom_join_url:
        return False
    return phase_of(session, now) is Phase.LIVE or now < session.ends_at + LATE_START


def why_not(link: StartLink, by: Person, now: datetime) -> str | None:
    """Why the link cannot be used, or None."""
    if link.person_id != by.id:
        return "Somebody else asked for this link. Ask for one of your own."
    if link.used_at is not None:
        return "This link was used. It opens the meeting once; ask for another one."
    if link.reason is not None:
        return link.reason
    if link.asked_at + KEPT <= now:
        return "This took longer than a minute, so we dropped the link. Ask for another one."
    return None


def use_start_link(link: StartLink, by: Person) -> str:
    """Use the link up; answers the address at Zoom. Raises CannotUse."""
    db.session.refresh(link, with_for_update=True)
    reason = why_not(link, by, clock.now())
    if reason is not None or link.encrypted_url is None:
        raise CannotUse(reason or "Zoom has not given the link yet.")
    url = signing.decrypt(link.encrypted_url)
    link.used_at, link.encrypted_url = clock.now(), None
    return url


def ask_for_start_link(session: ClassSession, by: Person) -> StartLink:
    """Ask Zoom for the link that makes its holder the host; it is never stored in the clear."""
    link = StartLink(session_id=session.id, person_id=by.id, asked_at=clock.now())
    db.session.add(link)
    db.session.flush()
    defer(fetch_start_link, start_link_id=link.id)
    return link


@queue.task(name="meetings.fetch_start_link", queue=URGENT)
def fetch_start_link(start_link_id: int) -> None:
    link = db.session.get_one(StartLink, start_link_id)
    meeting_id = db.session.get_one(ClassSession, link.session_id).zoom_meeting_id
    db.session.rollback()
    url, reason = None, None
    try:
        url = ZoomClient.current().get_meeting(meeting_id or 0).start_url
    except ProviderError as error:
        reason = error.reason
        if meeting_id is not None and meeting_refresh.is_missing(error):
            transaction(meeting_refresh.mark_missing, link.session_id, meeting_id)
    transaction(_keep_start_link, start_link_id, url, reason)


def _keep_start_link(start_link_id: int, url: str | None, reason: str | None) -> None:
    link = db.session.get_one(StartLink, start_link_id)
    link.encrypted_url = signing.encrypt(url) if url else None
    link.reason = reason or (None if url else "Zoom gave no link to start this meeting.")
