"""Match each participant session to a person: by an admin's assignment, the personal link or the
e-mail address; never by name."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, select

from ffapp.attendance.models import MatchSource, ParticipantAssignment, ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.meetings.models import PersonalLink
from ffapp.people.models import Person, Role, User
from ffapp.programme.models import Enrolment, is_enrolled

Match = tuple[MatchSource, int | None]


def match_sessions(
    session: ClassSession, visits: Iterable[ParticipantSession], *, anew: bool = False
) -> None:
    """Set each one's person, by the best that is known now. The caller holds the class.

    One that was matched stays so when nothing better is known: who has left the cohort since was
    there all the same. With `anew`, what was known before does not count.
    """
    visits = list(visits)
    assignments, links = _assignments(session), _links(session, visits)
    addresses = _addresses(session, visits)
    for visit in visits:
        if anew:
            visit.matched_by = visit.person_id = None
        assigned = assignments.get(visit.identity) or assignments.get(visit.assignment_id)
        match = (
            _assigned(assigned)
            or links.get(visit.registrant_id)
            or links.get(visit.email)
            or addresses.get(visit.email)
        )
        if match is not None:
            visit.matched_by, visit.person_id = match
        visit.assignment_id = assigned.id if assigned else None


def match_participants_by_address(event: Event) -> None:
    """Somebody was enrolled or has another address: match earlier participants to them."""
    person = db.session.get(Person, event.facts.get("person_id", event.subject_id))
    if person is None:
        return  # imported by mistake, and gone
    found = db.session.execute(
        select(ParticipantSession, ClassSession)
        .join(ClassSession, ClassSession.id == ParticipantSession.session_id)
        .join(Enrolment, is_enrolled(person.id, ClassSession.cohort_id))
        .where(unmatched(), ParticipantSession.email == person.email.lower())
        .order_by(ClassSession.id, ParticipantSession.id)
        .with_for_update(of=(ClassSession, ParticipantSession))
    )
    for visit, session in found.all():
        match_sessions(session, [visit])


def unmatched() -> ColumnElement[bool]:
    """Whether a participant session is matched to nobody, in a query over participant sessions."""
    return ParticipantSession.matched_by.is_(None)


def _assignments(session: ClassSession) -> dict[str | int | None, ParticipantAssignment]:
    """By identity and by id: Zoom may tell more of a guest later, whose identity then changes."""
    rows = db.session.scalars(select(ParticipantAssignment).filter_by(session_id=session.id)).all()
    return {row.identity: row for row in rows} | {row.id: row for row in rows}


def _assigned(assignment: ParticipantAssignment | None) -> Match | None:
    if assignment is None:
        return None
    source = MatchSource.ADMIN if assignment.person_id else MatchSource.GUEST
    return source, assignment.person_id


def _links(session: ClassSession, visits: Sequence[ParticipantSession]) -> dict[str, Match]:
    """By Zoom's id of the registrant, and by the address of ours that Zoom knows them by."""
    rows = db.session.execute(
        select(PersonalLink.registrant_id, PersonalLink.address, PersonalLink.person_id).where(
            PersonalLink.session_id == session.id,
            PersonalLink.registrant_id.in_({each.registrant_id for each in visits})
            | PersonalLink.address.in_({each.email for each in visits}),
        )
    )
    found: dict[str, Match] = {}
    for row in rows:
        found[row.registrant_id] = found[row.address] = (MatchSource.LINK, row.person_id)
    return found


def _addresses(session: ClassSession, visits: Sequence[ParticipantSession]) -> dict[str, Match]:
    """By the address of a Zoom account: the host's, an admin's, an enrolled person's."""
    enrolled = is_enrolled(Person.id, session.cohort_id)
    email = func.lower(Person.email)
    rows = db.session.execute(
        select(email, Person.id, User.role, Enrolment.id)
        .join(Person.user)
        .outerjoin(Enrolment, enrolled)
        .where(email.in_({each.email for each in visits if each.email}))
    )
    found: dict[str, Match] = {}
    shared: set[str] = set()
    for address, person_id, role, enrolment_id in rows:
        if role == Role.ADMIN:
            found[address] = (MatchSource.TEAM, None)
        elif enrolment_id is not None and address not in found:
            found[address] = (MatchSource.EMAIL, person_id)
        elif enrolment_id is not None:
            shared.add(address)  # by siblings: somebody has to say which of them it was
    if session.zoom_host_email:
        found[session.zoom_host_email.lower()] = (MatchSource.HOST, None)
    return {address: match for address, match in found.items() if address not in shared}
