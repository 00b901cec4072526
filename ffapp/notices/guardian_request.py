"""A child was invited: their guardian is asked what may be done with the child's data."""

from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_guardian

NOTICE = Notice(
    name="guardian_request",
    title="Question to a guardian",
    topic=about_guardian.TOPIC,
    channels=["email", "whatsapp"],
    asks_consent=True,
    occasion=about_guardian.to_guardian,
    preconditions=about_guardian.still_decides,
    subject=_("Your child and Future Founders: we need your decision"),
    text=_("""
# We need your decision

Hello {{ first_name }},

your child was invited to Future Founders, a programme of live online classes.

Before we send your child anything, please read what we would do with their data.
Then decide. It takes two minutes, in English or Hindi:
[Read and decide]({{ link }})

Keep this message: with the same link you can change your decision at any time.
"""),
    why=about_guardian.WHY,
    whatsapp="your child was invited to Future Founders. Before we send your child anything, "
    "please read what we would do with their data, and decide: {{ link }} You can change your "
    "decision there at any time.",
)
