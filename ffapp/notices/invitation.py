"""Somebody has a place: a link to choose a password with.

It goes to their WhatsApp as well, where a guardian has agreed to that.
"""

from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_link

NOTICE = Notice(
    name="invitation",
    title="Invitation",
    topic=about_link.TOPIC,
    channels=["email", "whatsapp"],
    is_account=True,
    occasion=about_link.to_its_person,
    preconditions=about_link.still_good,
    subject=_("Your place at Future Founders"),
    text=_("""
# Welcome, {{ first_name }}

Hello {{ first_name }},

welcome to Future Founders. Choose a password with this link; it works once, for seven days:
[Choose a password]({{ link }})

After that you sign in at {{ public_url }}
Your user name is {{ user_name }}.
"""),
    why=_(
        "You get this because somebody at Future Founders gave you a place. If that was a mistake, "
        "do nothing."
    ),
    whatsapp="your place at Future Founders is ready. Choose a password at {{ link }} within seven "
    "days; the link works once.",
)
