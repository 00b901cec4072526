"""To whom a message goes: the person whom it is for, or the guardian whom its payload names."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from ffapp.core.db import db, is_among
from ffapp.ledger.models import Effect
from ffapp.people.models import Guardian, Person

Recipient = Person | Guardian
FIELDS = {"email": "email", "whatsapp": "phone", "call": "phone"}


def recipients_of(effects: Sequence[Effect]) -> dict[int, Recipient]:
    """Effect id → its recipient; without those who are not known any more."""
    guardians = _by_id(Guardian, {each.payload.get("guardian_id") for each in effects} - {None})
    people = _by_id(Person, {each.person_id for each in effects if not _is_to_guardian(each)})
    found = {
        each.id: guardians.get(each.payload["guardian_id"])
        if _is_to_guardian(each)
        else people.get(each.person_id)
        for each in effects
    }
    return {id_: recipient for id_, recipient in found.items() if recipient is not None}


def address_of(recipient: Recipient, channel: str) -> str | None:
    """Where a message on this channel goes; None where nothing is known."""
    return getattr(recipient, FIELDS[channel]) if channel in FIELDS else None


def _is_to_guardian(effect: Effect) -> bool:
    return effect.payload.get("guardian_id") is not None


def _by_id(model: Any, ids: set[Any]) -> dict[Any, Any]:
    if not ids:
        return {}
    rows = db.session.scalars(select(model).where(is_among(model.id, ids)))
    return {row.id: row for row in rows}
