"""One notice on each channel: by mail to all of them, on WhatsApp to those with a number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ffapp.core.events import Event
from ffapp.ledger.plan import plan
from ffapp.people.contact import with_phone


def plan_on_each(
    people: Sequence[int],
    *,
    rule: str,
    occurrence: str,
    subject: str,
    cause: Event,
    payload: dict[str, Any],
    useful_until: datetime,
) -> None:
    """Plan what a rule tells `people`; the same occurrence is planned once on each channel."""
    for kind, reachable in (("email", people), ("whatsapp", with_phone(people))):
        plan(
            f"{rule}:{occurrence}:{kind}",
            kind=kind,
            purpose="classes",
            subject=subject,
            rule=rule,
            cause=cause,
            people=reachable,
            payload=payload,
            useful_until=useful_until,
        )
