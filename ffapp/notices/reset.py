"""Somebody asked for a link to choose a new password with."""

from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_link

NOTICE = Notice(
    name="reset",
    title="New password",
    topic=about_link.TOPIC,
    channels=["email"],
    is_account=True,
    occasion=about_link.to_its_person,
    preconditions=about_link.still_good,
    subject=_("A new password for Future Founders"),
    text=_("""
# Choose a new password

Hello {{ first_name }},

choose a new password with this link; it works once, for two hours:
[Choose a new password]({{ link }})

Your user name is {{ user_name }}.

You did not ask for it? Then do nothing; the old password stays.
"""),
)
