"""Starting a class as its host: the link is fetched for one person, and used once."""

from datetime import datetime, timedelta

from ffapp.classes.models import ClassSession
from ffapp.classes.phase import LATE_START, Phase, phase_of
from ffapp.core import clock, signing
from ffapp.core.db import db, transaction
from ffapp.core.jobs import URGENT, defer, queue
from ffapp.core.outcomes import ProviderError
from ffapp.meetings import meeting_refresh
from ffapp.meetings.models import StartLink
from ffapp.people.models import Person
from ffapp.providers.zoom.client import ZoomClient

# Whoever holds the link is the host, so it is kept no longer than the click takes.
KEPT = timedelta(seconds=60)


class CannotUse(ValueError):
    """The link cannot be used; the message says why."""


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
    wish = StartLink(session_id=session.id, person_id=by.id, asked_at=clock.now())
    db.session.add(wish)
    db.session.flush()
    defer(fetch_start_link, start_link_id=wish.id)
    return wish


@queue.task(name="meetings.fetch_start_link", queue=URGENT)
def fetch_start_link(start_link_id: int) -> None:
    wish = db.session.get_one(StartLink, start_link_id)
    meeting_id = db.session.get_one(ClassSession, wish.session_id).zoom_meeting_id
    db.session.rollback()
    url, reason = None, None
    try:
        url = ZoomClient.current().get_meeting(meeting_id or 0).start_url
    except ProviderError as error:
        reason = error.reason
        if meeting_id is not None and meeting_refresh.is_missing(error):
            transaction(meeting_refresh.mark_missing, wish.session_id, meeting_id)
    transaction(_keep_start_link, start_link_id, url, reason)


def _keep_start_link(start_link_id: int, url: str | None, reason: str | None) -> None:
    wish = db.session.get_one(StartLink, start_link_id)
    wish.encrypted_url = signing.encrypt(url) if url else None
    wish.reason = reason or (None if url else "Zoom gave no link to start this meeting.")
