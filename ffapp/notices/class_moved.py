"""A class has another time, or only another length."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.events import Event
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Notice, is_sample
from ffapp.messaging.rendering import Values
from ffapp.notices.kit import about_class

VARIABLES = {
    "change": Variable("what has changed, in a word or two", "Moved"),
    "aspect": Variable("which of the two is new: time or length", "time"),
    "has_new": Variable("the same as the end of a sentence", "has a new time"),
    "now": Variable("the new time, or the new length", "Sat 5 Dec, 5:00 pm IST"),
    "was": Variable("when it was to be; empty where only the length changed", "Fri 4 Dec, 5:00 pm"),
    "old_minutes": Variable("its old length; empty where the time changed", "60"),
    "your_start": Variable("when it is, also in the student’s own zone", personal=True),
    "your_when": Variable("the same, and the length where only that changed", personal=True),
}


def _old_length(cause: Event | None) -> int | None:
    """How long a class was to be whose time has stayed."""
    changed = about_class.changed(cause)
    return None if "starts_at" in changed else changed.get("duration_minutes", [None])[0]


def _values(effect: Effect, session: ClassSession, cause: Event | None) -> Values:
    if (old := _old_length(cause)) is not None:
        return {
            "change": gettext("New length"),
            "aspect": gettext("length"),
            "has_new": gettext("begins as planned and has a new length"),
            "now": gettext("%(minutes)s minutes long", minutes=session.duration_minutes),
            "old_minutes": old,
        }
    before = about_class.changed(cause).get("starts_at", [None])[0]
    was = datetime.fromisoformat(before) if before else None
    if is_sample(effect):
        was = session.starts_at - timedelta(days=1)
    return {
        "change": gettext("Moved"),
        "aspect": gettext("time"),
        "has_new": gettext("has a new time"),
        "now": clock.spell(session.starts_at, session.time_zone),
        "was": clock.spell(was, session.time_zone) if was else None,
    }


def _words(effect: Effect, session: ClassSession, your_when: str) -> Mapping[str, str]:
    # The words on WhatsApp are fixed and know no length: there it can only stand with the time.
    only_longer = _old_length(about_class.cause_of(effect)) is not None
    length = gettext(", %(minutes)s minutes", minutes=session.duration_minutes)
    return {"your_start": your_when, "your_when": your_when + (length if only_longer else "")}


def _moved_again(effect: Effect, session: ClassSession) -> str | None:
    """A move that was followed by another one is not told any more."""
    now = session.starts_at.isoformat()
    changed = about_class.changed(about_class.cause_of(effect))
    if changed.get("starts_at", [None, now])[1] != now:
        return "The class has moved again since."
    return about_class.cancelled(effect, session)


NOTICE = Notice(
    name="class_moved",
    title="Class moved",
    kind="class_changes",
    topic=about_class.class_topic(VARIABLES, _values, _words),
    occasion=about_class.to_enrolled,
    preconditions=about_class.unless(_moved_again),
    attachments=about_class.calendar_file,
    subject=_("{{ change }}: {{ title }} is now {{ now }}"),
    text=_("""
# {{ title }} has a new {{ aspect }}

Hello {{ first_name }},

{{ title }} ({{ cohort }}) {{ has_new }}.

Now: **{{ your_start }}**, {{ minutes }} minutes
Before: {{ old_minutes }} minutes
Before: {{ was }}

The Join button opens {{ opens }}, here:
[See the schedule]({{ schedule_url }})
"""),
    why=about_class.WHY,
    bell=[
        _("{{ title }} is now {{ now }}"),
        _("{{ cohort }}, {{ when }}; before: {{ old_minutes }} minutes"),
        _("{{ cohort }}, before: {{ was }}"),
        "{{ cohort }}",
    ],
    whatsapp="{{ title }} of {{ cohort }} has a new time: {{ your_when }}. Join from "
    "{{ schedule_url }} when it begins.",
)
