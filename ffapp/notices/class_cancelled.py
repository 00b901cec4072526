"""A class will not take place."""

from ffapp.classes.undoable import is_told_together
from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Notice, is_sample
from ffapp.notices.kit import about_class

WHY_CANCELLED = Variable("why it was cancelled; may be empty", "The teacher is ill")


NOTICE = Notice(
    name="class_cancelled",
    title="Class cancelled",
    kind="class_changes",
    topic=about_class.class_topic(
        {"because": WHY_CANCELLED},
        lambda effect, session, cause: {
            "because": session.cancelled_because
            or (WHY_CANCELLED.example if is_sample(effect) else None)
        },
    ),
    # Of several that were cancelled together one message tells.
    occasion=lambda event: None if is_told_together(event) else about_class.to_enrolled(event),
    preconditions=about_class.unless(
        lambda effect, session: None if session.is_cancelled else "The class is held after all."
    ),
    attachments=about_class.calendar_file,
    subject=_("Cancelled: {{ title }}, {{ when }}"),
    text=_("""
# {{ title }} is cancelled

Hello {{ first_name }},

{{ title }} ({{ cohort }}) on **{{ your_when }}** will not take place.
Why: {{ because }}

Your other classes stay as they are:
[See the schedule]({{ schedule_url }})
"""),
    why=about_class.WHY,
    bell=[_("Cancelled: {{ title }}, {{ when }}"), "{{ because }}", "{{ cohort }}"],
    whatsapp="{{ title }} of {{ cohort }} on {{ your_when }} will not take place. Your other "
    "classes stay as they are; see {{ schedule_url }} for them.",
)
