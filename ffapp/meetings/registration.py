"""Links of one's own: everybody enrolled is registered for a class's meeting, under no real name.

Zoom then says of each who comes in which registrant they are. It learns an address of ours, not the
child's; and a name only where a guardian has agreed, so that the teacher knows who is speaking.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, exists, func, select, update

from ffapp.classes.models import ClassSession
from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger.models import Effect, State
from ffapp.ledger.plan import plan
from ffapp.meetings import meeting_status
from ffapp.meetings.models import PersonalLink
from ffapp.people.models import Person
from ffapp.programme.enrol import enrolled_people
from ffapp.programme.models import Enrolment
from ffapp.providers.zoom.wire_people import NAME_LENGTH, NewRegistrant, registrant_address

KIND, END_KIND = "zoom.register", "zoom.unregister"
RULE = "zoom_register"
NOBODY_REGISTERS = "The meeting asks nobody to register."


def request_links(session: ClassSession, people: Sequence[int], cause: Event | None) -> None:
    """Wish that these people have links into the class's meeting; wishing again changes nothing.

    Whose link has ended gets another one, under another key and so another address.
    """
    if _why_none(session, session.zoom_meeting_id, clock.now()) is not None:
        return
    key = f"{KIND}:{session.subject}:meeting={session.zoom_meeting_id}"
    for ended, group in _by_links_ended(session, people).items():
        plan(
            f"{key}:again={ended}" if ended else key,
            kind=KIND,
            purpose="classes",
            subject=session.subject,
            rule=RULE,
            cause=cause,
            people=group,
            payload={"class_id": session.id, "meeting_id": session.zoom_meeting_id},
            named=False,
        )


def request_links_for_class(session: ClassSession, cause: Event) -> None:
    """The same for everybody who has a seat in the class."""
    request_links(session, enrolled_people(session.cohort_id), cause)


def request_links_in_cohort(cohort_id: int, person_id: int, cause: Event) -> None:
    """The same for one person, and every class of the cohort that is still to come."""
    for session in upcoming_of([cohort_id]):
        request_links(session, [person_id], cause)


def upcoming_of(cohort_ids: Sequence[int]) -> Sequence[ClassSession]:
    """The classes of the cohorts that are still to come, held.

    Held, because who comes back while their link is being ended must find either that it has, or
    that it will not.
    """
    return db.session.scalars(
        select(ClassSession)
        .where(ClassSession.cohort_id.in_(cohort_ids), ClassSession.ends_at > clock.now())
        .order_by(ClassSession.id)
        .with_for_update(of=ClassSession)
        .execution_options(populate_existing=True)
    ).all()


def link_of(session: ClassSession, person: Person) -> str | None:
    """The person's own link into the meeting that the class has now, or None.

    None also where the meeting asks nobody to register any more: the common link is certain to
    lead into it then.
    """
    if not session.zoom_registration:
        return None
    return db.session.scalar(
        select(PersonalLink.join_url)
        .where(
            PersonalLink.session_id == session.id,
            PersonalLink.person_id == person.id,
            PersonalLink.meeting_id == session.zoom_meeting_id,
            PersonalLink.ended_at.is_(None),
        )
        .order_by(PersonalLink.id.desc())
        .limit(1)
    )


def has_links() -> ColumnElement[bool]:
    """Whether anybody has a link into the class's meeting, in a query over classes."""
    return exists().where(
        PersonalLink.session_id == ClassSession.id,
        PersonalLink.meeting_id == ClassSession.zoom_meeting_id,
    )


def renew_links(session: ClassSession, found: Mapping[str, str]) -> None:
    """Take over the links (by registrant id) that Zoom has now. The caller holds the class."""
    known = db.session.scalars(
        select(PersonalLink).where(
            PersonalLink.session_id == session.id,
            PersonalLink.meeting_id == session.zoom_meeting_id,
        )
    )
    for link in known:
        link.join_url = found.get(link.registrant_id, link.join_url)


def cancel_refused(session: ClassSession) -> None:
    """The meeting asks nobody to register: what Zoom refused because of that is no failure.

    It is wished again when the meeting asks again, which revives what was called off.
    """
    db.session.execute(
        update(Effect)
        .where(
            Effect.subject == session.subject,
            Effect.kind.in_([KIND, END_KIND]),
            Effect.state == State.FAILED,
            Effect.payload["meeting_id"].as_string() == str(session.zoom_meeting_id),
        )
        .values(state=State.CANCELLED, reason=NOBODY_REGISTERS)
        .execution_options(synchronize_session="fetch")
    )


def registrant_of(effect_id: int, person: Person, consented: bool) -> NewRegistrant:
    """How Zoom comes to know a person: `Asha R.`, or a number where no guardian has agreed."""
    words = person.name.split() if consented else ["Student", str(person.id)]
    rest = words[-1] if len(words) > 1 else None
    return NewRegistrant(
        email=address_of(effect_id),
        first_name=words[0][:NAME_LENGTH],
        last_name=f"{rest[0]}." if rest and consented else rest,
    )


def address_of(effect_id: int) -> str:
    """Ours: nobody else can receive what might be written to it."""
    return registrant_address(
        effect_id, urlsplit(config.current().public_url).hostname or "localhost"
    )


def why_obsolete(effects: Sequence[Effect]) -> dict[int, str]:
    """The ledger's question before it acts: which of these would be pointless now."""
    sessions = sessions_of(effects)
    cohorts = {each.cohort_id for each in sessions.values()}
    rows = db.session.execute(
        select(Enrolment.cohort_id, Enrolment.person_id).where(
            Enrolment.cohort_id.in_(cohorts),
            Enrolment.person_id.in_({each.payload["person_id"] for each in effects}),
            Enrolment.withdrawn_at.is_(None),
        )
    )
    enrolled = {(row.cohort_id, row.person_id) for row in rows}
    now = clock.now()
    reasons: dict[int, str] = {}
    for effect in effects:
        session = sessions[effect.payload["class_id"]]
        reason = _why_none(session, effect.payload["meeting_id"], now)
        if reason is None and (session.cohort_id, effect.payload["person_id"]) not in enrolled:
            reason = "The student is not enrolled any more."
        if reason is not None:
            reasons[effect.id] = reason
    return reasons


def sessions_of(effects: Sequence[Effect]) -> dict[int, ClassSession]:
    """Class id → class, for those that the effects are about."""
    ids = {effect.payload["class_id"] for effect in effects}
    return {
        session.id: session
        for session in db.session.scalars(select(ClassSession).where(ClassSession.id.in_(ids)))
    }


def _by_links_ended(session: ClassSession, people: Sequence[int]) -> dict[int, list[int]]:
    """How many links into the meeting have ended for a person → those people."""
    rows = db.session.execute(
        select(PersonalLink.person_id, func.count().label("ended"))
        .where(
            PersonalLink.session_id == session.id,
            PersonalLink.meeting_id == session.zoom_meeting_id,
            PersonalLink.person_id.in_(people),
            PersonalLink.ended_at.is_not(None),
        )
        .group_by(PersonalLink.person_id)
    )
    ended = {row.person_id: row.ended for row in rows}
    groups: dict[int, list[int]] = defaultdict(list)
    for person_id in people:
        groups[ended.get(person_id, 0)].append(person_id)
    return groups


def _why_none(session: ClassSession, meeting_id: int | None, now: datetime) -> str | None:
    if session.is_cancelled:
        return "The class was cancelled."
    if session.ends_at <= now:
        return "The class is over."
    if meeting_id is None or meeting_id != session.zoom_meeting_id:
        return "The class has another meeting by now."
    if session.zoom_gone_at is not None:
        return meeting_status.DELETED_INSIDE  # who has none yet is wished a link when it is back
    if not session.zoom_registration:
        return NOBODY_REGISTERS
    return None
