"""Whose a visit is: by an admin's word, the personal link, the e-mail address; never by name."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, select

from ffapp.attendance.models import MatchSource, ParticipantAssignment, ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.meetings.models import PersonalLink
from ffapp.people.models import Person, Role, User
from ffapp.programme.models import Enrolment

Found = tuple[MatchSource, int | None]


def match_sessions(session: ClassSession, visits: Iterable[ParticipantSession]) -> None:
    """Say of each visit whose it is, by the best that is known now. The caller holds the class.

    One that was somebody's stays theirs when nothing better is known: who has left the cohort since
    was there all the same.
    """
    visits = list(visits)
    said, links = _assignments(session), _links(session, visits)
    addresses = _addresses(session, visits)
    for visit in visits:
        word = said.get(visit.identity) or said.get(visit.assignment_id)
        found = (
            _by_word(word)
            or links.get(visit.registrant_id)
            or links.get(visit.email)
            or addresses.get(visit.email)
        )
        if found is not None:
            visit.matched_by, visit.person_id = found
        visit.assignment_id = word.id if word else None


def rematch_sessions(session: ClassSession, visits: Iterable[ParticipantSession]) -> None:
    """The same, when what was known before does not count any more."""
    visits = list(visits)
    for visit in visits:
        visit.matched_by = visit.person_id = visit.assignment_id = None
    match_sessions(session, visits)


def match_person(person: Person) -> None:
    """Visits that nobody knew, in classes of the person's cohorts: are they theirs by now?"""
    found = db.session.execute(
        select(ParticipantSession, ClassSession)
        .join(ClassSession, ClassSession.id == ParticipantSession.session_id)
        .join(Enrolment, Enrolment.cohort_id == ClassSession.cohort_id)
        .where(
            unmatched(),
            ParticipantSession.email == person.email.lower(),
            Enrolment.person_id == person.id,
            Enrolment.withdrawn_at.is_(None),
        )
        .order_by(ClassSession.id, ParticipantSession.id)
        .with_for_update(of=(ClassSession, ParticipantSession))
    )
    for visit, session in found.all():
        match_sessions(session, [visit])


def unmatched() -> ColumnElement[bool]:
    """Visits of which nobody knows whose they are; also in queries over many classes."""
    return ParticipantSession.matched_by.is_(None)


def _assignments(session: ClassSession) -> dict[str | int | None, ParticipantAssignment]:
    """By identity and by id: of a guest Zoom may tell more later, and so call them another way."""
    rows = db.session.scalars(
        select(ParticipantAssignment).where(ParticipantAssignment.session_id == session.id)
    )
    found: dict[str | int | None, ParticipantAssignment] = {}
    for row in rows:
        found[row.identity] = found[row.id] = row
    return found


def _by_word(word: ParticipantAssignment | None) -> Found | None:
    if word is None:
        return None
    return (MatchSource.ADMIN if word.person_id else MatchSource.GUEST), word.person_id


def _links(session: ClassSession, visits: Sequence[ParticipantSession]) -> dict[str, Found]:
    """By Zoom's id of the registrant, and by the address of ours that Zoom knows them by."""
    rows = db.session.execute(
        select(PersonalLink.registrant_id, PersonalLink.address, PersonalLink.person_id).where(
            PersonalLink.session_id == session.id,
            PersonalLink.registrant_id.in_({each.registrant_id for each in visits})
            | PersonalLink.address.in_({each.email for each in visits}),
        )
    )
    found: dict[str, Found] = {}
    for row in rows:
        found[row.registrant_id] = found[row.address] = (MatchSource.LINK, row.person_id)
    return found


def _addresses(session: ClassSession, visits: Sequence[ParticipantSession]) -> dict[str, Found]:
    """By the address of a Zoom account: the host's, an admin's, an enrolled person's."""
    addresses = {each.email for each in visits if each.email}
    rows = db.session.execute(
        select(func.lower(Person.email).label("email"), Person.id, User.role, Enrolment.id)
        .join(Person.user)
        .outerjoin(
            Enrolment,
            (Enrolment.person_id == Person.id)
            & (Enrolment.cohort_id == session.cohort_id)
            & Enrolment.withdrawn_at.is_(None),
        )
        .where(func.lower(Person.email).in_(addresses))
    )
    found: dict[str, Found] = {}
    for email, person_id, role, seat in rows:
        if role == Role.ADMIN:
            found[email] = (MatchSource.TEAM, None)
        elif seat is not None:
            found[email] = (MatchSource.EMAIL, person_id)
    if session.zoom_host_email:
        found[session.zoom_host_email.lower()] = (MatchSource.HOST, None)
    return found
