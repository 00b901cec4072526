"""Joining a class: each press of Join is recorded."""

from ffapp.classes.models import ClassSession, Join
from ffapp.classes.phase import Phase, phase_of
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.meetings.registration import link_of
from ffapp.people.models import Person

JOINABLE = (Phase.OPEN, Phase.LIVE, Phase.NOT_STARTED)


def can_join(session: ClassSession) -> bool:
    """Whether there is a Join button now."""
    return bool(session.zoom_join_url) and phase_of(session, clock.now()) in JOINABLE


def join(session: ClassSession, person: Person) -> str:
    """Write down the join; answers the address at Zoom. The class must be open to join.

    It is the person's own where they have one, so that Zoom's word on who came names them.
    """
    db.session.add(Join(session_id=session.id, person_id=person.id, at=clock.now()))
    return link_of(session, person) or session.zoom_join_url or ""
