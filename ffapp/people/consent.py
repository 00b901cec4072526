"""What a student may be given to which provider: who agreed to what, and the gate that asks.

For a child the newest answer of a guardian counts; for an adult, the newest of their own.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from ffapp.core.db import db, is_among
from ffapp.ledger.models import ACCOUNT, CONSENT, Effect
from ffapp.people.age import are_adults
from ffapp.people.models import Consent, Guardian, Person, Role, User


class Purpose(StrEnum):
    """What is asked for, each apart (`people/privacy_notice.py` says what it means)."""

    ACCOUNT = "account"  # account and class mail
    WHATSAPP = "whatsapp"
    CALLS = "calls"
    ZOOM = "zoom"  # taking part under the first name
    RECORDING = "recording"  # being recorded and transcribed


# Purpose of an effect → the purpose of consent that it needs; another needs one of its own name.
NEEDED = {ACCOUNT: Purpose.ACCOUNT, "classes": Purpose.ACCOUNT}
# What is sent on these channels needs consent to the channel as well.
CHANNEL_PURPOSES = {"whatsapp": Purpose.WHATSAPP, "call": Purpose.CALLS}
REFUSED_WORDS = {Purpose.WHATSAPP: "messages on WhatsApp", Purpose.CALLS: "calls"}


def consent_of(student: Person, purpose: str) -> bool | None:
    """True or False as was last said; None when nobody has answered."""
    return latest_consents([student.id]).get((student.id, purpose), (None, ""))[0]


def agreed_to(purpose: str, student_ids: Sequence[int]) -> set[int]:
    """Those of the students about whom the last answer on the purpose is yes."""
    said = latest_consents(student_ids)
    return {each for each in student_ids if said.get((each, purpose), (False, ""))[0]}


def last_answer(purpose: str) -> Any:
    """What was last said about the `Person` of a query, in SQL; NULL for nothing."""
    return (
        select(Consent.granted)
        .where(
            Consent.student_id == Person.id,
            Consent.purpose == purpose,
            Consent.guardian_id.is_(None) == are_adults(),
        )
        .order_by(Consent.id.desc())
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )


def has_agreed(purpose: str) -> ColumnElement[bool]:
    """Whether that is a yes."""
    return func.coalesce(last_answer(purpose), False)


def latest_consents(student_ids: Sequence[int]) -> dict[tuple[int, str], tuple[bool, str]]:
    """(student id, purpose) → (granted, the name of who said so), in one query."""
    rows = db.session.execute(
        select(
            Consent.student_id,
            Consent.purpose,
            Consent.granted,
            func.coalesce(Guardian.name, Person.name).label("name"),
        )
        .join(Person, Person.id == Consent.student_id)
        .outerjoin(Guardian, Guardian.id == Consent.guardian_id)
        .where(
            is_among(Consent.student_id, student_ids),
            Consent.guardian_id.is_(None) == are_adults(),
        )
        .ext(distinct_on(Consent.student_id, Consent.purpose))
        .order_by(Consent.student_id, Consent.purpose, Consent.id.desc())
    )
    return {(row.student_id, row.purpose): (row.granted, row.name) for row in rows}


def no_consent(effects: Sequence[Effect]) -> dict[int, str]:
    """The gate's question: which of these would use a student's data without consent.

    Nothing of a child goes out before a guardian agrees, mail about the account included. An adult
    who has a place gets that mail; it is how they come to decide on the rest. Asking for consent
    needs none.
    """
    about = [each for each in effects if each.person_id is not None and each.purpose != CONSENT]
    is_adult = _students({each.person_id for each in about if each.person_id is not None})
    said = latest_consents(list(is_adult))
    reasons: dict[int, str] = {}
    for effect in about:
        if effect.person_id not in is_adult:
            continue
        adult = is_adult[effect.person_id]
        if adult and effect.purpose == ACCOUNT:
            continue
        for purpose in _needed(effect):
            granted, name = said.get((effect.person_id, purpose), (None, ""))
            if not granted:
                reasons.setdefault(effect.id, _refusal(purpose, granted, name, adult))
    return reasons


def _students(people: set[int]) -> dict[int, bool]:
    """Those of the people who are students → whether they are adults."""
    rows = db.session.execute(
        select(User.person_id, are_adults())
        .join(Person, Person.id == User.person_id)
        .where(is_among(User.person_id, people), User.role == Role.STUDENT)
    )
    return dict(rows.all())  # type: ignore[arg-type]


def _needed(effect: Effect) -> tuple[str, ...]:
    purpose = NEEDED.get(effect.purpose, effect.purpose)
    channel = CHANNEL_PURPOSES.get(effect.kind)
    return (purpose, channel) if channel else (purpose,)


def _refusal(purpose: str, granted: bool | None, name: str, adult: bool) -> str:
    about = REFUSED_WORDS.get(Purpose(purpose), "this") if purpose in [*Purpose] else "this"
    if granted is None:
        who = "The student has not" if adult else "No guardian has"
        return f"{who} agreed to {about} yet."
    return f"{name}{'' if adult else ', the guardian,'} has refused {about}."
