"""Writing down what a guardian, or an adult student, said, with its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.people.age import is_adult
from ffapp.people.consent import Purpose, consent_of
from ffapp.people.invite import invite
from ffapp.people.models import Consent, ConsentProof, Guardian, Person


class Method(StrEnum):
    """How an answer was given."""

    LINK = "link"  # by the guardian's link, confirmed with a one-time code
    WRITTEN = "written"  # on paper or by mail; an admin has recorded the proof
    ACCOUNT = "account"  # by an adult student who was signed in
    ADMIN = "admin"  # said to an admin, who wrote it down


@dataclass(frozen=True)
class Evidence:
    """What shows that an answer was given."""

    method: Method = Method.ADMIN
    notice_version: str | None = None
    ip_address: str | None = None
    code_sent_to: str | None = None
    proof_note: str | None = None
    proof: ConsentProof | None = None


SAID_TO_ADMIN = Evidence()


def record_answers(
    student: Person,
    guardian: Guardian | None,
    said: Mapping[str, bool],
    evidence: Evidence,
    by: Person | None,
    batch_id: str | None = None,
) -> None:
    """Write down purpose → answer; the student's own without a guardian.

    The invitation that waited for it goes out by itself.
    """
    for purpose, granted in said.items():
        _record(student, guardian, purpose, granted, evidence, by, batch_id)
    if said.get(Purpose.ACCOUNT):
        invite_when_allowed(student, by, batch_id)


def record_consent(
    guardian: Guardian,
    purpose: str,
    granted: bool,
    by: Person | None,
    batch_id: str | None = None,
) -> None:
    """Write down one answer that a guardian gave to an admin, and nothing else."""
    _record(guardian.student, guardian, purpose, granted, SAID_TO_ADMIN, by, batch_id)


def evidence_of(student: Person) -> dict[str, Consent]:
    """Purpose → the answer that counts now, with its evidence."""
    counts = (
        Consent.guardian_id.is_(None) if is_adult(student) else Consent.guardian_id.is_not(None)
    )
    rows = db.session.scalars(
        select(Consent)
        .where(Consent.student_id == student.id, counts)
        .options(joinedload(Consent.guardian), joinedload(Consent.proof))
        .order_by(Consent.id)
    )
    return {row.purpose: row for row in rows}


def invite_when_allowed(student: Person, by: Person | None, batch_id: str | None = None) -> bool:
    """Invite a student who has no password yet, unless a guardian still has to agree."""
    if not may_be_invited(student):
        return False
    invite(student, by, batch_id)
    return True


def may_be_invited(student: Person) -> bool:
    """Whether the student has no password yet, and nobody still has to agree."""
    if student.user.password_hash is not None:
        return False
    return is_adult(student) or bool(consent_of(student, Purpose.ACCOUNT))


def _record(
    student: Person,
    guardian: Guardian | None,
    purpose: str,
    granted: bool,
    evidence: Evidence,
    by: Person | None,
    batch_id: str | None,
) -> None:
    """Saying the same again changes nothing, unless it is better evidence."""
    was = consent_of(student, purpose)
    if was is granted and evidence.method == Method.ADMIN:
        return
    row = Consent(
        student_id=student.id,
        guardian=guardian,
        purpose=purpose,
        granted=granted,
        recorded_at=clock.now(),
        recorded_by_id=by.id if by else None,
        **vars(evidence),
    )
    db.session.add(row)
    who = guardian.name if guardian else student.name
    # With a batch, what follows from it waits for a minute with the rest of that batch.
    record(
        "consent_recorded",
        by=by or who,
        on=student,
        guardian=who,
        purpose=purpose,
        granted=granted,
        method=evidence.method,
        **({"batch_id": batch_id} if batch_id else {}),
    )
