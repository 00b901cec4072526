"""The gate's question: which addresses and numbers messages do not reach, or must not."""

from collections.abc import Sequence

from sqlalchemy import select

from ffapp.db import db
from ffapp.ledger.models import Effect
from ffapp.messaging.models import Suppression
from ffapp.people.models import Person

# Where a message of this kind goes.
ADDRESS = {"email": Person.email, "whatsapp": Person.phone}


def unreachable(effects: Sequence[Effect]) -> dict[int, str]:
    """Effect id → why it cannot, or must not, go to that address or number."""
    reasons: dict[int, str] = {}
    for kind, address in ADDRESS.items():
        mine = [effect for effect in effects if effect.kind == kind]
        if not mine:
            continue
        rows = db.session.execute(
            select(Person.id, Suppression.reason)
            .join(Suppression, Suppression.address == address)
            .where(Person.id.in_({effect.person_id for effect in mine}))
        )
        found = {row.id: row.reason for row in rows}
        reasons |= {each.id: found[each.person_id] for each in mine if each.person_id in found}
    return reasons
