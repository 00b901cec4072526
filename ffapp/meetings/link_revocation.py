"""Links that must not work any more: of who has no seat, and of who may be known otherwise now.

Zoom is told to cancel such a registration; whoever still has a seat is registered anew, under the
name that it may learn now. The act is planned for nobody in particular (`named=False`): no gate may
withhold that less is known of a child.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger.models import Effect, State
from ffapp.ledger.plan import plan
from ffapp.meetings import meeting_status
from ffapp.meetings.models import PersonalLink
from ffapp.meetings.registration import (
    END_KIND,
    NOBODY_REGISTERS,
    registrant_of,
    request_links,
    sessions_of,
    upcoming_of,
)
from ffapp.people.consent import latest_consents
from ffapp.people.models import Person
from ffapp.programme.enrol import enrolled_people
from ffapp.programme.models import Enrolment

KIND = END_KIND
RULE = "zoom_unregister"


def revoke_links(session: ClassSession, people: Collection[int], cause: Event | None) -> None:
    """End what these people's links into the class's meeting are not any more; the class is held.

    Nothing changes where seat and name are still those with which the link was made.
    """
    links = db.session.scalars(
        select(PersonalLink).where(
            PersonalLink.session_id == session.id,
            PersonalLink.meeting_id == session.zoom_meeting_id,
            PersonalLink.person_id.in_(people),
            PersonalLink.ended_at.is_(None),
        )
    ).all()
    seats = set(enrolled_people(session.cohort_id)) if links else set()
    names = _names([link.person_id for link in links if link.person_id in seats])
    ended = [link for link in links if link.shown_as != names.get(link.person_id, "")]
    for link in ended:
        link.ended_at = clock.now()
    db.session.flush()
    _wish_for_end(session, ended, cause)
    again = {link.person_id for link in ended} & seats
    if again:
        request_links(session, sorted(again), cause)


def update_links_of_person(person_id: int, cause: Event) -> None:
    """The same in every class to come of the person's cohorts."""
    cohorts = db.session.scalars(
        select(Enrolment.cohort_id).where(Enrolment.person_id == person_id)
    ).all()
    for session in upcoming_of(cohorts):
        revoke_links(session, [person_id], cause)


def revoke_links_in_cohort(cohort_id: int, person_id: int, cause: Event) -> None:
    """The same in the classes to come of one cohort, in which the person may have no place left."""
    for session in upcoming_of([cohort_id]):
        revoke_links(session, [person_id], cause)


def reinstate_links(cohort_id: int, person_id: int) -> None:
    """Links that were ended by an act that was undone before Zoom heard of it are as before."""
    for session in upcoming_of([cohort_id]):
        ended = db.session.scalars(
            select(PersonalLink).where(
                PersonalLink.session_id == session.id,
                PersonalLink.person_id == person_id,
                PersonalLink.ended_at.is_not(None),
            )
        ).all()
        undone = set(
            db.session.scalars(
                select(Effect.payload["registrant_id"].astext).where(
                    Effect.subject == session.subject,
                    Effect.kind == KIND,
                    Effect.state == State.CANCELLED,
                    Effect.batch_id.is_not(None),
                )
            )
        )
        for link in ended:
            if link.registrant_id in undone:
                link.ended_at = None
    db.session.flush()


def request_revocation_again(session: ClassSession, cause: Event) -> None:
    """Take up again what could not be ended while the meeting was gone."""
    ended = db.session.scalars(
        select(PersonalLink).where(
            PersonalLink.session_id == session.id,
            PersonalLink.meeting_id == session.zoom_meeting_id,
            PersonalLink.ended_at.is_not(None),
        )
    ).all()
    _wish_for_end(session, ended, cause)


def why_obsolete(effects: Sequence[Effect]) -> dict[int, str]:
    """The ledger's question before it acts: which of these would be pointless now."""
    sessions = sessions_of(effects)
    reasons = {each.id: _why_none(each, sessions[each.payload["class_id"]]) for each in effects}
    return {effect_id: reason for effect_id, reason in reasons.items() if reason is not None}


def _why_none(effect: Effect, session: ClassSession) -> str | None:
    if session.is_cancelled:
        return "The class was cancelled, and its meeting goes with it."
    if effect.payload["meeting_id"] != session.zoom_meeting_id:
        return "The class has another meeting by now."
    if session.zoom_gone_at is not None:
        return meeting_status.DELETED_INSIDE
    if not session.zoom_registration:
        return NOBODY_REGISTERS
    return None


def _wish_for_end(
    session: ClassSession, ended: Sequence[PersonalLink], cause: Event | None
) -> None:
    for link in ended:
        plan(
            f"{KIND}:{session.subject}:meeting={link.meeting_id}:registrant={link.registrant_id}",
            kind=KIND,
            purpose="classes",
            subject=session.subject,
            rule=RULE,
            cause=cause,
            people=[link.person_id],
            payload={
                "class_id": session.id,
                "meeting_id": link.meeting_id,
                "registrant_id": link.registrant_id,
                "address": link.address,
            },
            named=False,
        )


def _names(people: Collection[int]) -> dict[int, str]:
    """Person id → the name under which Zoom may know them now."""
    said = latest_consents(sorted(people))
    return {
        person.id: registrant_of(
            0, person, said.get((person.id, "classes"), (False, ""))[0]
        ).shown_as
        for person in db.session.scalars(
            select(Person).where(Person.id.in_(people)).execution_options(populate_existing=True)
        )
    }
