"""A guardian was asked and has not answered: the same question once more."""

from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_guardian

NOTICE = Notice(
    name="guardian_reminder",
    title="Reminder to a guardian",
    topic=about_guardian.TOPIC,
    channels=["email", "whatsapp"],
    asks_consent=True,
    occasion=about_guardian.to_guardian,
    preconditions=about_guardian.still_open,
    subject=_("Reminder: your child’s place at Future Founders waits for your decision"),
    text=_("""
# Your child’s place waits for you

Hello {{ first_name }},

we asked you what we may do with your child’s data, and have no answer yet.
Until you decide, we send your child nothing.

[Read and decide]({{ link }})

If you do not want your child to take part, say no there; we then do not remind you again.
"""),
    why=about_guardian.WHY,
    whatsapp="your child’s place at Future Founders waits for your decision. Please read what we "
    "would do with their data, and answer: {{ link }} If you say no, we do not remind you again.",
)
