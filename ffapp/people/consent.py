"""What a guardian has allowed, and the gate that asks."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from ffapp.core import clock
from ffapp.core.db import db, is_among
from ffapp.core.events import record
from ffapp.ledger.models import Effect
from ffapp.people.models import Consent, Guardian, Person, Role, User

WHATSAPP = "whatsapp"
PURPOSES = {"classes": "Messages about classes and recordings", WHATSAPP: "Messages on WhatsApp"}
# What else a word about a purpose allows, as the guardian is to be told before they say it.
ALSO_ALLOWS = {
    "classes": (
        "It also lets Zoom know the first name and an initial, so that the teacher sees who is"
        " speaking. Who has not agreed stands there as a number."
    )
}
# What is sent on these channels needs a word about the channel, beside that about the purpose.
CHANNEL_PURPOSES = {"whatsapp": WHATSAPP}


def record_consent(
    guardian: Guardian,
    purpose: str,
    granted: bool,
    by: Person | None,
    batch_id: str | None = None,
) -> None:
    """Write down what the guardian said; saying the same again changes nothing.

    With a `batch_id`, what follows from it waits for a minute with the rest of that batch.
    """
    if consent_of(guardian.student, purpose) is granted:
        return
    db.session.add(
        Consent(
            student_id=guardian.student_id,
            guardian=guardian,
            purpose=purpose,
            granted=granted,
            recorded_at=clock.now(),
            recorded_by_id=by.id if by else None,
        )
    )
    record(
        "consent_recorded",
        by=by,
        on=guardian.student,
        guardian=guardian.name,
        purpose=purpose,
        granted=granted,
        **({"batch_id": batch_id} if batch_id else {}),
    )


def consent_of(student: Person, purpose: str) -> bool | None:
    """True or False as the guardian last said; None when nobody was asked."""
    return latest_consents([student.id]).get((student.id, purpose), (None, ""))[0]


def agreed_to(purpose: str, student_ids: Sequence[int]) -> set[int]:
    """Those of the students whose guardian's last word about the purpose is yes."""
    said = latest_consents(student_ids)
    return {each for each in student_ids if said.get((each, purpose), (False, ""))[0]}


def latest_consents(student_ids: Sequence[int]) -> dict[tuple[int, str], tuple[bool, str]]:
    """(student id, purpose) → (granted, the guardian's name), in one query."""
    rows = db.session.execute(
        select(Consent.student_id, Consent.purpose, Consent.granted, Guardian.name)
        .join(Consent.guardian)
        .where(is_among(Consent.student_id, student_ids))
        .ext(distinct_on(Consent.student_id, Consent.purpose))
        .order_by(Consent.student_id, Consent.purpose, Consent.id.desc())
    )
    return {(row.student_id, row.purpose): (row.granted, row.name) for row in rows}


def no_consent(effects: Sequence[Effect]) -> dict[int, str]:
    """The gate's question: which of these would use a child's data without a guardian's word."""
    about = [effect for effect in effects if effect.person_id is not None]
    people = {effect.person_id for effect in about if effect.person_id is not None}
    students = set(
        db.session.scalars(
            select(User.person_id).where(
                is_among(User.person_id, people), User.role == Role.STUDENT
            )
        )
    )
    said = latest_consents(list(students))
    reasons = {}
    for effect in about:
        if effect.person_id not in students:
            continue
        for purpose in _needed(effect):
            granted, guardian = said.get((effect.person_id, purpose), (None, ""))
            if not granted:
                reasons.setdefault(effect.id, _refusal(purpose, granted, guardian))
    return reasons


def _needed(effect: Effect) -> tuple[str, ...]:
    channel = CHANNEL_PURPOSES.get(effect.kind)
    return (effect.purpose, channel) if channel else (effect.purpose,)


def _refusal(purpose: str, granted: bool | None, guardian: str) -> str:
    about = "messages on WhatsApp" if purpose == WHATSAPP else "this"
    if granted is None:
        return f"No guardian has agreed to {about} yet."
    return f"{guardian}, the guardian, has refused {about}."
