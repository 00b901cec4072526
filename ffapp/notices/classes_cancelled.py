"""Several classes were cancelled together: one message for all of them."""

from ffapp.classes.models import ClassSession
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_class, about_classes
from ffapp.notices.kit.about_classes import all_of


def _why_held(effect: Effect, *sessions: ClassSession) -> str | None:
    all_cancelled = all(each.is_cancelled for each in sessions)
    return None if all_cancelled else "The classes are held after all."


NOTICE = Notice(
    name="classes_cancelled",
    title="Several classes cancelled",
    kind="class_changes",
    topic=about_classes.classes_topic(all_of, lambda session: session.title),
    occasion=about_classes.to_enrolled,
    preconditions=about_class.unless(_why_held),
    attachments=about_classes.calendar_file(all_of),
    subject=_("Cancelled: {{ count }} classes of {{ cohort }}"),
    text=_("""
# {{ count }} classes of {{ cohort }} are cancelled

Hello {{ first_name }},

these {{ count }} classes of {{ cohort }} will not take place:

{{ classes }}

Why: {{ because }}

The attached file takes them out of your calendar. Your other classes stay as they are:
[See the schedule]({{ schedule_url }})
"""),
    why=about_class.WHY,
    bell=[
        _("Cancelled: {{ count }} classes of {{ cohort }}, the first on {{ first }}"),
        "{{ because }}",
        _("See the schedule for those that stay."),
    ],
    whatsapp="{{ count }} classes of {{ cohort }} will not take place, the first of them on "
    "{{ first }}. See {{ schedule_url }} for all of them and for those that stay.",
)
