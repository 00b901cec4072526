"""Telling people of an event: one effect for each person and channel, and a line in the bell."""

from ffapp.core import clock
from ffapp.core.events import Event, Listener
from ffapp.ledger import batches
from ffapp.ledger.models import ACCOUNT
from ffapp.ledger.plan import HOLD, plan
from ffapp.messaging.notice import Notice
from ffapp.notices.kit.bells import write_bells
from ffapp.people.address import with_phone


def announces(notice: Notice) -> Listener:
    """The listener that tells of an event by this notice (`subscriptions.py`)."""

    def listener(event: Event) -> None:
        announce(notice, event)

    listener.__name__ = f"tell_{notice.name}"
    return listener


def announce(notice: Notice, event: Event) -> None:
    """Plan the notice on each of its channels; the same occurrence is told once on each.

    What was undone already is not told.
    """
    occasion = notice.occasion(event) if batches.is_in_force(event) else None
    if occasion is None:
        return
    # Account mail knows no hold of its own; an invitation that can be undone waits all the same.
    due_at = clock.now() + HOLD if "batch_id" in event.facts else None
    for channel, people in (("email", occasion.people), ("whatsapp", with_phone(occasion.people))):
        if channel not in notice.channels:
            continue
        plan(
            f"{notice.name}:{occasion.occurrence}:{channel}",
            kind=channel,
            # What goes to a phone is never account mail: a guardian is asked.
            purpose=ACCOUNT if notice.is_account and channel == "email" else "classes",
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
