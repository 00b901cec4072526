"""Asking a child's guardian for consent, and reminding one who has not answered."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_

from ffapp.core import clock
from ffapp.core.events import diff, record
from ffapp.people.models import Guardian, Person

NOT_AGAIN_WITHIN = timedelta(days=1)


class CannotAsk(ValueError):
    """The guardian cannot be asked (now); the message says why."""


def ask_guardian(guardian: Guardian, by: Person | None, batch_id: str | None = None) -> None:
    """Ask by mail and WhatsApp; the first time with the question, later with a reminder.

    Raises CannotAsk without an address, or within a day of the last time.
    """
    if not (guardian.email or guardian.phone):
        raise CannotAsk(f"{guardian.name} has neither an e-mail address nor a phone number.")
    now = clock.now()
    if guardian.asked_at is not None and guardian.asked_at > now - NOT_AGAIN_WITHIN:
        raise CannotAsk(f"{guardian.name} was asked less than a day ago.")
    facts: dict[str, Any] = {"guardian": guardian.name, "guardian_id": guardian.id}
    if batch_id:
        facts["batch_id"] = batch_id
    is_first = guardian.asked_at is None
    guardian.asked_at = now
    if is_first:
        record("guardian_asked", by=by, on=guardian.student, **facts)
    else:
        record("guardian_reminded", by=by, on=guardian.student, **facts)


def ask_guardians(student: Person, by: Person | None, batch_id: str | None = None) -> Sequence[str]:
    """Ask every guardian who can be asked; answers why not, of the others."""
    problems = []
    for guardian in student.guardians:
        try:
            ask_guardian(guardian, by, batch_id)
        except CannotAsk as error:
            problems.append(str(error))
    return problems


def may_be_asked(now: Any) -> ColumnElement[bool]:
    """Whether the `Guardian` of a query has an address, and was not asked for a day."""
    is_due = or_(Guardian.asked_at.is_(None), Guardian.asked_at <= now - NOT_AGAIN_WITHIN)
    return is_due & has_address()


def has_address() -> ColumnElement[bool]:
    return or_(Guardian.email.is_not(None), Guardian.phone.is_not(None))


def change_guardian(
    guardian: Guardian,
    *,
    name: str,
    email: str | None,
    phone: str | None,
    language: str | None,
    by: Person,
) -> None:
    """Change a guardian; at a new address they can be asked at once, and old links end."""
    before = _facts(guardian)
    guardian.name, guardian.email = " ".join(name.split()), email or None
    guardian.phone, guardian.language = phone or None, language or None
    changed = diff(before, _facts(guardian))
    if changed.keys() & {"email", "phone"}:
        guardian.asked_at = None
        guardian.link_epoch += 1
    if changed:
        record(
            "guardian_changed", by=by, on=guardian.student, guardian=guardian.name, changed=changed
        )


def _facts(guardian: Guardian) -> dict[str, str | None]:
    return {
        "name": guardian.name,
        "email": guardian.email,
        "phone": guardian.phone,
        "language": guardian.language,
    }
