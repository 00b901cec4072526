"""Whose a stay is: by an admin's word, the personal link, the e-mail address; never by name."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, select

from ffapp.attendance.models import MatchSource, ParticipantAssignment, ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.meetings.models import PersonalLink
from ffapp.people.models import Person, Role, User
from ffapp.programme.models import Enrolment

Found = tuple[MatchSource, int | None]


def match_sessions(session: ClassSession, stays: Iterable[ParticipantSession]) -> None:
    """Say of each stay whose it is, by the best that is known now. The caller holds the class.

    One that was somebody's stays theirs when nothing better is known: who has left the cohort since
    was there all the same.
    """
    stays = list(stays)
    said, links = _assignments(session), _links(session, stays)
    addresses = _addresses(session, stays)
    for stay in stays:
        word = said.get(stay.identity) or said.get(stay.assignment_id)
        found = (
            _by_word(word)
            or links.get(stay.registrant_id)
            or links.get(stay.email)
            or addresses.get(stay.email)
        )
        if found is not None:
            stay.matched_by, stay.person_id = found
        stay.assignment_id = word.id if word else None


def rematch_sessions(session: ClassSession, stays: Iterable[ParticipantSession]) -> None:
    """The same, when what was known before does not count any more."""
    stays = list(stays)
    for stay in stays:
        stay.matched_by = stay.person_id = stay.assignment_id = None
    match_sessions(session, stays)


def match_person(person: Person) -> None:
    """Stays that nobody knew, in classes of the person's cohorts: are they theirs by now?"""
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
    for stay, session in found.all():
        match_sessions(session, [stay])


def unmatched() -> ColumnElement[bool]:
    """Stays of which nobody knows whose they are; also in queries over many classes."""
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


def _links(session: ClassSession, stays: Sequence[ParticipantSession]) -> dict[str, Found]:
    """By Zoom's id of the registrant, and by the address of ours that Zoom knows them by."""
    rows = db.session.execute(
        select(PersonalLink.registrant_id, PersonalLink.address, PersonalLink.person_id).where(
            PersonalLink.session_id == session.id,
            PersonalLink.registrant_id.in_({each.registrant_id for each in stays})
            | PersonalLink.address.in_({each.email for each in stays}),
        )
    )
    found: dict[str, Found] = {}
    for row in rows:
        found[row.registrant_id] = found[row.address] = (MatchSource.LINK, row.person_id)
    return found


def _addresses(session: ClassSession, stays: Sequence[ParticipantSession]) -> dict[str, Found]:
    """By the address of a Zoom account: the host's, an admin's, an enrolled person's."""
    addresses = {each.email for each in stays if each.email}
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
