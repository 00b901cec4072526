"""Just before a message goes: is what it says still true, and is it still for this person?"""

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.core import clock
from ffapp.core.db import db, is_among
from ffapp.core.events import Event
from ffapp.ledger.batches import Batch
from ffapp.ledger.models import Effect
from ffapp.messaging.models import Announcement
from ffapp.people.models import AccessLink
from ffapp.programme.models import Enrolment
from ffapp.recordings.models import Recording

Reason = str | None


def class_notice(effects: Sequence[Effect]) -> dict[int, str]:
    """Notices and reminders about a class that is to be held."""
    return _about_classes(effects, _of_a_coming_class)


def classes_scheduled(effects: Sequence[Effect]) -> dict[int, str]:
    """A series is told as long as one of its classes is to be held."""
    ids = {class_id for effect in effects for class_id in effect.payload["class_ids"]}
    sessions = db.session.scalars(select(ClassSession).where(ClassSession.id.in_(ids))).all()
    held = {session.id: session.cohort_id for session in sessions if not session.is_cancelled}
    enrolled = _enrolled(effects, sessions)
    reasons: dict[int, str] = {}
    for effect in effects:
        cohorts = {held[each] for each in effect.payload["class_ids"] if each in held}
        if not cohorts:
            reasons[effect.id] = "All of these classes were cancelled."
        elif not any((cohort_id, effect.person_id) in enrolled for cohort_id in cohorts):
            reasons[effect.id] = "The student is not enrolled any more."
    return reasons


def class_moved(effects: Sequence[Effect]) -> dict[int, str]:
    """A move that was followed by another one is not told any more."""
    causes = _causes(effects)

    def why_not(effect: Effect, session: ClassSession) -> Reason:
        changed = causes[effect.cause_event_id].facts["changed"]
        told = changed.get("starts_at", [None, session.starts_at.isoformat()])[1]
        if told != session.starts_at.isoformat():
            return "The class has moved again since."
        return _of_a_coming_class(effect, session)

    return _about_classes(effects, why_not)


def class_reminder(effects: Sequence[Effect]) -> dict[int, str]:
    """Also one that is tried again by hand reminds nobody of a class that has begun."""

    def why_not(effect: Effect, session: ClassSession) -> Reason:
        if effect.payload["starts_at"] != session.starts_at.isoformat():
            return "The class has moved."
        if session.starts_at < clock.now():
            return "The class has begun."
        return _of_a_coming_class(effect, session)

    return _about_classes(effects, why_not)


def class_cancelled(effects: Sequence[Effect]) -> dict[int, str]:
    def why_not(effect: Effect, session: ClassSession) -> Reason:
        return None if session.is_cancelled else "The class is held after all."

    return _about_classes(effects, why_not)


def classes_cancelled(effects: Sequence[Effect]) -> dict[int, str]:
    """Several that were cancelled together, all of one cohort."""
    ids = {class_id for effect in effects for class_id in effect.payload["class_ids"]}
    sessions = db.session.scalars(select(ClassSession).where(ClassSession.id.in_(ids))).all()
    cohorts = {session.id: session.cohort_id for session in sessions}
    held = {session.id for session in sessions if not session.is_cancelled}
    enrolled = _enrolled(effects, sessions)
    reasons: dict[int, str] = {}
    for effect in effects:
        class_ids = effect.payload["class_ids"]
        if (cohorts[class_ids[0]], effect.person_id) not in enrolled:
            reasons[effect.id] = "The student is not enrolled any more."
        elif held.intersection(class_ids):
            reasons[effect.id] = "The classes are held after all."
    return reasons


def recording_available(effects: Sequence[Effect]) -> dict[int, str]:
    shown = recordings_shown({effect.payload["class_id"] for effect in effects})

    def why_not(effect: Effect, session: ClassSession) -> Reason:
        return None if session.id in shown else "The recording is hidden."

    return _about_classes(effects, why_not)


def recordings_shown(class_ids: Collection[int]) -> set[int]:
    """Those of these classes that have a video for students to watch."""
    return set(
        db.session.scalars(
            select(Recording.session_id)
            .join(ClassSession, ClassSession.id == Recording.session_id)
            .where(
                ClassSession.id.in_(class_ids),
                ClassSession.recording_state == RecordingState.AVAILABLE,
                Recording.visible.is_(True),
                Recording.is_video,
            )
        )
    )


def announcement(effects: Sequence[Effect]) -> dict[int, str]:
    """Also one that was tried again by hand does not go once its batch was undone."""
    ids = {effect.payload["announcement_id"] for effect in effects}
    undone = set(
        db.session.scalars(
            select(Announcement.id)
            .join(Batch, Batch.id == Announcement.batch_id)
            .where(Announcement.id.in_(ids), Batch.undone_at.is_not(None))
        )
    )
    return {
        effect.id: "It was undone."
        for effect in effects
        if effect.payload["announcement_id"] in undone
    }


def access_link(effects: Sequence[Effect]) -> dict[int, str]:
    """A link that was used, replaced or has expired is not sent."""
    ids = {effect.payload["link_id"] for effect in effects}
    links = {
        link.id: link
        for link in db.session.scalars(select(AccessLink).where(AccessLink.id.in_(ids)))
    }
    now = clock.now()
    return {
        effect.id: "The link was used or replaced by a newer one."
        for effect in effects
        if (link := links[effect.payload["link_id"]]).used_at
        or link.withdrawn_at
        or link.expires_at <= now
    }


def _about_classes(
    effects: Sequence[Effect], why_not: Callable[[Effect, ClassSession], Reason]
) -> dict[int, str]:
    ids = {effect.payload["class_id"] for effect in effects}
    sessions = {
        session.id: session
        for session in db.session.scalars(select(ClassSession).where(ClassSession.id.in_(ids)))
    }
    enrolled = _enrolled(effects, list(sessions.values()))
    reasons: dict[int, str] = {}
    for effect in effects:
        session = sessions[effect.payload["class_id"]]
        if (session.cohort_id, effect.person_id) not in enrolled:
            reasons[effect.id] = "The student is not enrolled any more."
        elif (reason := why_not(effect, session)) is not None:
            reasons[effect.id] = reason
    return reasons


def _of_a_coming_class(effect: Effect, session: ClassSession) -> Reason:
    return "The class was cancelled." if session.is_cancelled else None


def _enrolled(
    effects: Sequence[Effect], sessions: Sequence[ClassSession]
) -> set[tuple[int, int | None]]:
    rows = db.session.execute(
        select(Enrolment.cohort_id, Enrolment.person_id).where(
            Enrolment.cohort_id.in_({session.cohort_id for session in sessions}),
            is_among(Enrolment.person_id, {effect.person_id for effect in effects}),
            Enrolment.withdrawn_at.is_(None),
        )
    )
    return {(row.cohort_id, row.person_id) for row in rows}


def _causes(effects: Sequence[Effect]) -> dict[int | None, Event]:
    ids = {effect.cause_event_id for effect in effects}
    return {event.id: event for event in db.session.scalars(select(Event).where(Event.id.in_(ids)))}
