"""A class begins in a day. `classes/reminders.py` plans it for each student."""

from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_class

NOTICE = Notice(
    name="class_reminder_24h",
    title="Reminder, a day before",
    kind="class_reminders",
    topic=about_class.class_topic(),
    preconditions=about_class.STILL_DUE,
    subject=_("Tomorrow: {{ title }}, {{ when }}"),
    text=_("""
# {{ title }} begins in a day

Hello {{ first_name }},

{{ title }} ({{ cohort }}) begins in a day:
**{{ your_when }}**, {{ minutes }} minutes

The Join button opens {{ opens }}, here:
[See the schedule]({{ schedule_url }})
"""),
    why=about_class.WHY_REMINDED,
    bell=[_("{{ title }} begins in a day"), "{{ when }}"],
    whatsapp="a reminder: {{ title }} of {{ cohort }} is on {{ your_when }}. Join from "
    "{{ schedule_url }} when it begins.",
)
