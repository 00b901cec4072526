"""Personal links: everybody enrolled is registered for a class's meeting, under no real name.

Zoom then says of each participant which registrant they are. It learns an address of ours, not the
child's; and a name only where a guardian has agreed, so that the teacher knows who is speaking.

`update_links` is the one way on and off: it compares who is enrolled with the links there are, ends
those that must not work any more, and requests the missing ones. Repeating it changes nothing.
The effects are planned for nobody in particular (`named=False`): no gate may withhold that a link
ends, or that less is known of a child.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, select

from ffapp.classes.models import ClassSession, lock_class, lock_classes
from ffapp.core import clock, config
from ffapp.core.db import db, is_among
from ffapp.core.events import Event
from ffapp.ledger.models import Effect, State
from ffapp.ledger.plan import plan
from ffapp.meetings.meeting_status import DELETED_INSIDE
from ffapp.meetings.models import PersonalLink
from ffapp.people.consent import Purpose, agreed_to
from ffapp.people.models import Person
from ffapp.programme.enrol import enrolled_pairs, enrolled_people
from ffapp.programme.models import Enrolment
from ffapp.providers.zoom.wire_people import NAME_LENGTH, NewRegistrant, registrant_address

NOBODY_REGISTERS = "The meeting asks nobody to register."
KIND, END_KIND = "zoom.register", "zoom.unregister"
RULES = {KIND: "zoom_register", END_KIND: "zoom_unregister"}


def update_links_of_class(event: Event) -> None:
    """The class has a meeting, new, changed, refreshed or recovered."""
    update_links(lock_class(event.subject_id), None, event)


def update_links_in_cohort(event: Event) -> None:
    """Somebody was enrolled or has left: update their links into the cohort's upcoming classes."""
    for session in _upcoming([event.facts["cohort_id"]]):
        update_links(session, [event.facts["person_id"]], event)


def update_links_of_person(event: Event) -> None:
    """A guardian has agreed or refused: a link with a name that was refused ends."""
    cohorts = select(Enrolment.cohort_id).where(Enrolment.person_id == event.subject_id)
    for session in _upcoming(db.session.scalars(cohorts).all()):
        update_links(session, [event.subject_id], event)


def update_links(
    session: ClassSession, people: Collection[int] | None, cause: Event | None
) -> None:
    """Make the links of these people (None: of everybody) what they ought to be.

    The caller holds the class.
    """
    everybody = enrolled_people(session.cohort_id)
    students = [each for each in everybody if people is None or each in people]
    enrolled, links = set(students), links_into(session, people)
    _reinstate(session, [link for link in links if link.ended_at and link.person_id in enrolled])
    linked = {link.person_id for link in links if not link.ended_at} & enrolled
    nameless = linked - agreed_to(Purpose.ZOOM, sorted(linked)) if linked else set()
    for link in links:
        has_refused_name = link.person_id in nameless and link.shown_as != number_of(link.person_id)
        if link.ended_at is None and (link.person_id not in enrolled or has_refused_name):
            link.ended_at = clock.now()
    ended = [link for link in links if link.ended_at is not None]
    for link in ended:
        _plan(
            END_KIND,
            session,
            f"meeting={link.meeting_id}:registrant={link.registrant_id}",
            [link.person_id],
            cause,
            registrant_id=link.registrant_id,
            address=link.address,
        )
    if why_no_links(session, session.zoom_meeting_id) is None:
        _request(session, students, ended, cause)


def registrant_of(effect_id: int, person: Person, consented: bool) -> NewRegistrant:
    """How Zoom comes to know a person: by the first name, or a number where nobody has agreed."""
    first, rest = (person.first_name, None) if consented else number_of(person.id).split()
    return NewRegistrant(
        email=address_of(effect_id), first_name=first[:NAME_LENGTH], last_name=rest
    )


def number_of(person_id: int) -> str:
    """What Zoom shows instead of a name."""
    return f"Student {person_id}"


def address_of(effect_id: int) -> str:
    """Ours: nobody else can receive what might be written to it."""
    return registrant_address(
        effect_id, urlsplit(config.current().public_url).hostname or "localhost"
    )


def why_obsolete(effects: Sequence[Effect]) -> dict[int, str]:
    """The ledger's question before it acts: which of these would be pointless now."""
    ids = {effect.payload["class_id"] for effect in effects}
    sessions = {
        session.id: session
        for session in db.session.scalars(select(ClassSession).where(ClassSession.id.in_(ids)))
    }
    people = {each.payload["person_id"] for each in effects}
    enrolled = enrolled_pairs({each.cohort_id for each in sessions.values()}, people)
    reasons: dict[int, str] = {}
    for effect in effects:
        session = sessions[effect.payload["class_id"]]
        reason = why_no_links(session, effect.payload["meeting_id"])
        has_left = (session.cohort_id, effect.payload["person_id"]) not in enrolled
        if effect.kind == KIND and has_left:
            reason = reason or "The student is not enrolled any more."
        if reason is not None:
            reasons[effect.id] = reason
    return reasons


def why_no_links(session: ClassSession, meeting_id: int | None) -> str | None:
    """Why nobody is registered for this meeting of the class, or removed from it, any more."""
    if session.is_cancelled:
        return "The class was cancelled."
    if session.ends_at <= clock.now():
        return "The class is over."
    if meeting_id is None or meeting_id != session.zoom_meeting_id:
        return "The class has another meeting by now."
    if session.zoom_gone_at is not None:
        return DELETED_INSIDE  # everything is requested again when it is back
    if not session.zoom_registration:
        return NOBODY_REGISTERS
    return None


def _upcoming(cohort_ids: Sequence[int]) -> Sequence[ClassSession]:
    """The classes of the cohorts that are still to come, locked.

    Locked, because who comes back while their link is being ended must find either that it has, or
    that it will not.
    """
    upcoming = ClassSession.ends_at > clock.now()
    return lock_classes(ClassSession.cohort_id.in_(cohort_ids), upcoming)


def of_meeting(session: ClassSession) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        PersonalLink.session_id == session.id,
        PersonalLink.meeting_id == session.zoom_meeting_id,
    )


def links_into(
    session: ClassSession, people: Collection[int] | None = None
) -> Sequence[PersonalLink]:
    """All links into the meeting that the class has now, also those that have ended."""
    query = select(PersonalLink).where(*of_meeting(session)).order_by(PersonalLink.id)
    if people is not None:
        query = query.where(is_among(PersonalLink.person_id, people))
    return db.session.scalars(query).all()


def _reinstate(session: ClassSession, ended: Sequence[PersonalLink]) -> None:
    """Revive links whose end was cancelled before it reached Zoom."""
    cancelled = select(Effect.payload["registrant_id"].astext).where(
        Effect.subject == session.subject,
        Effect.kind == END_KIND,
        Effect.state == State.CANCELLED,
        Effect.doubtful.is_(False),
    )
    still_known = set(db.session.scalars(cancelled)) if ended else ()
    for link in ended:
        if link.registrant_id in still_known:
            link.ended_at = None


def _request(
    session: ClassSession,
    students: Sequence[int],
    ended: Sequence[PersonalLink],
    cause: Event | None,
) -> None:
    """Request links; one in place of an ended one has another key and so another address."""
    times: dict[int, int] = defaultdict(int)
    for link in ended:
        times[link.person_id] += 1
    groups: dict[int, list[int]] = defaultdict(list)
    for person_id in students:
        groups[times[person_id]].append(person_id)
    which = f"meeting={session.zoom_meeting_id}"
    for again, group in groups.items():
        _plan(KIND, session, f"{which}:again={again}" if again else which, group, cause)


def _plan(
    kind: str,
    session: ClassSession,
    which: str,
    people: Sequence[int],
    cause: Event | None,
    **facts: str,
) -> None:
    plan(
        f"{kind}:{session.subject}:{which}",
        kind=kind,
        purpose="classes",
        subject=session.subject,
        rule=RULES[kind],
        cause=cause,
        people=people,
        payload={"class_id": session.id, "meeting_id": session.zoom_meeting_id, **facts},
        named=False,
    )
