"""A class has another name, and its old time."""

from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_class

NOTICE = Notice(
    name="class_renamed",
    title="Class renamed",
    kind="class_changes",
    topic=about_class.class_topic(
        {"old_title": Variable("its earlier name", "Introduction")},
        lambda effect, session, cause: {
            "old_title": about_class.changed(cause).get("title", [gettext("Your class")])[0]
        },
    ),
    occasion=about_class.to_enrolled,
    preconditions=about_class.unless(about_class.cancelled),
    attachments=about_class.calendar_file,
    subject=_("{{ old_title }} is now called {{ title }}"),
    text=_("""
# A class has a new name

Hello {{ first_name }},

"{{ old_title }}" ({{ cohort }}) is now called **"{{ title }}"**.
Its time stays: **{{ your_when }}**.

[See the schedule]({{ schedule_url }})
"""),
    why=about_class.WHY,
    bell=[_("{{ old_title }} is now called {{ title }}"), _("{{ cohort }}, still {{ when }}")],
    whatsapp="your class of {{ cohort }} on {{ your_when }} is now called {{ title }}. Its time "
    "stays the same; your schedule is at {{ schedule_url }} as before.",
)
