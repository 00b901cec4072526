"""A class was scheduled."""

from ffapp.classes import series
from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_class

NOTICE = Notice(
    name="class_scheduled",
    title="Class scheduled",
    kind="class_changes",
    topic=about_class.class_topic(),
    # One of a series is told of with the others.
    occasion=lambda event: None if series.is_of_series(event) else about_class.to_enrolled(event),
    preconditions=about_class.unless(about_class.cancelled),
    attachments=about_class.calendar_file,
    subject="{{ title }}: {{ when }}",
    text=_("""
# {{ title }}

Hello {{ first_name }},

a class was scheduled for {{ cohort }}.

{{ title }}
**{{ your_when }}**
{{ minutes }} minutes

{{ description }}

The Join button opens {{ opens }}, here:
[See the schedule]({{ schedule_url }})
"""),
    why=about_class.WHY,
    bell=[_("{{ title }} is on {{ when }}"), _("{{ cohort }}, {{ minutes }} minutes")],
    whatsapp="{{ title }} of {{ cohort }} is on {{ your_when }}. Join from {{ schedule_url }} when "
    "it begins.",
)
