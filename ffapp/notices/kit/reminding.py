"""What reminders share: whether they are still due, and how they can be switched off."""

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.ledger.models import Effect
from ffapp.notices.kit import about_class

WHY = about_class.WHY_REMINDED


def _too_late(effect: Effect, session: ClassSession) -> str | None:
    """Also one that is tried again by hand reminds nobody of a class that has begun."""
    if effect.payload["starts_at"] != session.starts_at.isoformat():
        return "The class has moved."
    if session.starts_at < clock.now():
        return "The class has begun."
    return about_class.cancelled(effect, session)


STILL_DUE = about_class.unless(_too_late)
