"""Weekly classes were scheduled: one message for all of them."""

from ffapp.classes.models import ClassSession
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_class, about_classes
from ffapp.notices.kit.about_classes import all_of, held_of


def _to_tell(effect: Effect) -> list[ClassSession]:
    """The classes as they are when the mail goes, without those that were cancelled meanwhile."""
    return held_of(effect) or all_of(effect)


def _why_all_cancelled(effect: Effect, *sessions: ClassSession) -> str | None:
    """A series is told as long as one of its classes is to be held."""
    any_held = any(not each.is_cancelled for each in sessions)
    return None if any_held else "All of these classes were cancelled."


NOTICE = Notice(
    name="classes_scheduled",
    title="Weekly classes scheduled",
    kind="class_changes",
    topic=about_classes.classes_topic(
        _to_tell,
        lambda session: gettext(
            "%(title)s, %(minutes)s minutes", title=session.title, minutes=session.duration_minutes
        ),
    ),
    occasion=about_classes.to_enrolled,
    preconditions=about_class.unless(_why_all_cancelled),
    attachments=about_classes.calendar_file(held_of),
    subject=_("{{ count }} classes for {{ cohort }}, from {{ first }}"),
    text=_("""
# {{ count }} classes for {{ cohort }}

Hello {{ first_name }},

{{ count }} classes were scheduled for {{ cohort }}:

{{ classes }}

{{ description }}

The attached file puts them into your calendar.
For each class the Join button opens {{ opens }}, here:
[See the schedule]({{ schedule_url }})
"""),
    why=about_class.WHY,
    bell=[
        _("{{ count }} classes of {{ cohort }} are in your schedule"),
        _("The first is on {{ first }}"),
    ],
    whatsapp="{{ count }} classes of {{ cohort }} are in your schedule, the first on {{ first }}. "
    "See {{ schedule_url }} for all of them.",
)
