"""Weekly classes were scheduled: one message for all of them."""

from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_class, about_classes
from ffapp.notices.kit.about_classes import held_of

NOTICE = Notice(
    name="classes_scheduled",
    title="Weekly classes scheduled",
    kind="class_changes",
    topic=about_classes.classes_topic(about_classes.to_tell, about_classes.title_and_length),
    occasion=about_classes.to_enrolled,
    preconditions=about_class.unless(about_classes.all_cancelled),
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
