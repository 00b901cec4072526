"""The personal links of a class: whose, how many there are, and why somebody has none."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, select, update

from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.ledger import admin_actions
from ffapp.ledger.admin_actions import ActionNotPossible
from ffapp.ledger.models import Effect, State
from ffapp.meetings.models import PersonalLink
from ffapp.meetings.registration import END_KIND, KIND, NOBODY_REGISTERS, links_into, of_meeting
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment


@dataclass(frozen=True)
class Links:
    """How many students are enrolled, how many links were made and failed, and Zoom's reason."""

    enrolled: int
    made: int
    failed: int
    reason: str | None


def link_of(session: ClassSession, person: Person) -> str | None:
    """The person's own link into the meeting that the class has now, or None.

    None also where the meeting asks nobody to register any more: the common link works then.
    """
    if not session.zoom_registration:
        return None
    theirs = (PersonalLink.person_id == person.id, PersonalLink.ended_at.is_(None))
    newest = select(PersonalLink.join_url).where(*of_meeting(session), *theirs)
    return db.session.scalar(newest.order_by(PersonalLink.id.desc()).limit(1))


def has_links() -> ColumnElement[bool]:
    """Whether anybody has a link into the class's meeting, in a query over classes."""
    return exists().where(
        PersonalLink.session_id == ClassSession.id,
        PersonalLink.meeting_id == ClassSession.zoom_meeting_id,
    )


def renew_links(session: ClassSession, found: Mapping[str, str]) -> None:
    """Take over the links (by registrant id) that Zoom has now. The caller holds the class."""
    for link in links_into(session):
        link.join_url = found.get(link.registrant_id, link.join_url)


def cancel_refused(session: ClassSession) -> None:
    """The meeting asks nobody to register: what Zoom refused because of that is no failure.

    It is requested again when the meeting asks again, which revives what was cancelled.
    """
    db.session.execute(
        update(Effect)
        .where(*_failed(session, KIND, END_KIND))
        .values(state=State.CANCELLED, reason=NOBODY_REGISTERS)
        .execution_options(synchronize_session="fetch")
    )


def links_of(session: ClassSession) -> Links:
    """The links of a class whose meeting asks for registration; two queries."""
    of_this_meeting = and_(
        PersonalLink.person_id == Enrolment.person_id,
        PersonalLink.ended_at.is_(None),
        *of_meeting(session),
    )
    enrolled, made = db.session.execute(
        select(
            func.count(Enrolment.person_id.distinct()),
            func.count(PersonalLink.person_id.distinct()),
        )
        .select_from(Enrolment)
        .outerjoin(PersonalLink, of_this_meeting)
        .where(Enrolment.cohort_id == session.cohort_id, Enrolment.withdrawn_at.is_(None))
    ).one()
    failed, reason = db.session.execute(
        select(func.count(), func.max(Effect.reason)).where(*_failed(session, KIND))
    ).one()
    return Links(enrolled, made, failed, reason)


def retry_links(session: ClassSession, by: Person) -> int:
    """Let Zoom be asked again for every link that it refused; answers how many there are."""
    refused = select(Effect).where(*_failed(session, KIND)).order_by(Effect.id)
    failed = db.session.scalars(refused).all()
    for effect in failed:
        # Somebody may have been quicker: then it is under way already.
        with suppress(ActionNotPossible):
            admin_actions.retry(effect, by)
    return len(failed)


def _failed(session: ClassSession, *kinds: str) -> tuple[ColumnElement[bool], ...]:
    """Of the meeting that the class has now: a link into one before it would be of no use."""
    return (
        Effect.subject == session.subject,
        Effect.kind.in_(kinds),
        Effect.state == State.FAILED,
        Effect.payload["meeting_id"].as_string() == str(session.zoom_meeting_id),
    )
