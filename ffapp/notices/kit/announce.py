"""Telling people of an event: one effect for each person and channel, and a line in the bell."""

from collections.abc import Sequence

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event, Listener
from ffapp.ledger import batches
from ffapp.ledger.models import ACCOUNT, CONSENT
from ffapp.ledger.plan import HOLD, plan
from ffapp.messaging.notice import Notice, Occasion
from ffapp.notices.kit.bells import write_bells
from ffapp.people.address import with_phone
from ffapp.people.models import Guardian


def announces(notice: Notice) -> Listener:
    """The listener that tells of an event by this notice (`subscriptions.py`)."""

    def listener(event: Event) -> None:
        announce(notice, event)

    listener.__name__ = f"tell_{notice.name}"
    return listener


def announce(notice: Notice, event: Event) -> None:
    """Tell of the event by this notice, unless it was undone already."""
    occasion = notice.occasion(event) if batches.is_in_force(event) else None
    if occasion is not None:
        plan_notice(notice, event, occasion)


def plan_notice(notice: Notice, event: Event, occasion: Occasion) -> None:
    """Plan the notice on each of its channels; the same occurrence is told once on each."""
    # Account mail knows no hold of its own; an invitation that can be undone waits all the same.
    due_at = clock.now() + HOLD if "batch_id" in event.facts else None
    for channel in notice.channels:
        people = _reachable(occasion, channel)
        plan(
            f"{notice.name}:{occasion.occurrence}:{channel}",
            kind=channel,
            purpose=_purpose(notice, channel),
            subject=occasion.subject,
            rule=notice.name,
            cause=event,
            people=people,
            payload=dict(occasion.payload),
            due_at=due_at,
            useful_until=occasion.useful_until,
        )
    # A class that is written down afterwards is no news to anybody.
    if "bell" in notice.channels and occasion.rings and occasion.useful_until > clock.now():
        write_bells(notice, occasion, event)


def _reachable(occasion: Occasion, channel: str) -> Sequence[int]:
    """Those of its people to whom it goes on the channel; the bell is written by itself."""
    if channel not in occasion.channels:
        return []
    guardian_id = occasion.payload.get("guardian_id")
    if guardian_id is not None:
        guardian = db.session.get_one(Guardian, guardian_id)
        has_address = guardian.email if channel == "email" else guardian.phone
        return occasion.people if has_address else []
    return occasion.people if channel == "email" else with_phone(occasion.people)


def _purpose(notice: Notice, channel: str) -> str:
    if notice.asks_consent:
        return CONSENT
    # What goes to a phone is never account mail: a guardian is asked.
    return ACCOUNT if notice.is_account and channel == "email" else "classes"
