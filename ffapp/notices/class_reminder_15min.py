"""A class begins in 15 minutes. `classes/reminders.py` plans it for each student."""

from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.core.events import Event
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Notice
from ffapp.messaging.rendering import Values
from ffapp.notices.kit import about_class

VARIABLES = {
    "how_to_join": Variable("that one can join now, or when the button opens", "You can join now:"),
    "join_now": Variable("the same; empty while it is too early", "You can join now."),
    "join_label": Variable("what the button says", "Join"),
}


def _values(effect: Effect, session: ClassSession, cause: Event | None) -> Values:
    if phase.opens_at(session) <= effect.due_at:
        return {
            "how_to_join": gettext("You can join now:"),
            "join_now": gettext("You can join now."),
            "join_label": gettext("Join"),
        }
    return {
        "how_to_join": gettext(
            "The Join button opens %(when)s, here:", when=phase.describe_opening()
        ),
        "join_label": gettext("See the schedule"),
    }


NOTICE = Notice(
    name="class_reminder_15min",
    title="Reminder, 15 minutes before",
    kind="class_reminders",
    topic=about_class.class_topic(VARIABLES, _values),
    preconditions=about_class.STILL_DUE,
    subject=_("In 15 minutes: {{ title }}"),
    text=_("""
# {{ title }} begins in 15 minutes

Hello {{ first_name }},

{{ title }} ({{ cohort }}) begins at **{{ your_when }}**. {{ how_to_join }}
[{{ join_label }}]({{ schedule_url }})
"""),
    why=about_class.WHY_REMINDED,
    bell=[_("{{ title }} begins soon"), "{{ when }}. {{ join_now }}", "{{ when }}"],
    whatsapp="{{ title }} of {{ cohort }} begins soon, on {{ your_when }}. Join from "
    "{{ schedule_url }} after signing in.",
)
