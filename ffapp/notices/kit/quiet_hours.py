"""What waits for the morning: a message that rings at night, unless it would come too late."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ffapp.classes.models import ClassSession
from ffapp.core import clock, config
from ffapp.ledger.models import Effect
from ffapp.notices.kit.about_class import class_ids_of, classes_of, zones_of
from ffapp.notifications import quiet

# News of a class that begins so soon after the quiet hours is told at once: families plan for it.
SOON_AFTER = timedelta(hours=4)


def wait_for_the_morning(effects: Sequence[Effect]) -> dict[int, tuple[datetime, str]]:
    """The ledger's question before it sends: what can wait, and until when."""
    ringing = [each for each in effects if each.kind in quiet.RINGING and each.person_id]
    if not ringing:
        return {}
    zones, classes = zones_of(ringing), classes_of(ringing)
    hours = quiet.hours_of([each.person_id for each in ringing if each.person_id])
    found: dict[int, tuple[datetime, str]] = {}
    for each in ringing:
        zone = zones.get(each.person_id) or _zone_of(each, classes)
        until = quiet.quiet_until(clock.now(), hours[each.person_id or 0], zone)
        if until is not None and not _is_urgent(each, until, classes):
            found[each.id] = (until, f"Quiet hours until {clock.spell(until, zone)}.")
    return found


def _is_urgent(effect: Effect, until: datetime, classes: Mapping[int, ClassSession]) -> bool:
    """Whether it would come too late in the morning: for the message, or for its next class.

    Of a class that was moved it counts also when it would have begun: somebody may be on the way.
    """
    if effect.useful_until is not None and effect.useful_until <= until:
        return True
    starts = [classes[each].starts_at for each in class_ids_of(effect) if each in classes]
    if was := effect.payload.get("was"):
        starts.append(datetime.fromisoformat(was))
    return any(clock.now() < each < until + SOON_AFTER for each in starts)


def _zone_of(effect: Effect, classes: Mapping[int, ClassSession]) -> str:
    """The clock of somebody who chose none: most live where their class is."""
    zones = [classes[each].time_zone for each in class_ids_of(effect) if each in classes]
    return zones[0] if zones else config.current().time_zone
