"""Several classes were cancelled together: one message for all of them."""

from collections.abc import Mapping, Sequence

from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.notice import Notice
from ffapp.notices.kit import about_class, about_classes
from ffapp.notices.kit.about_classes import all_of
from ffapp.notices.kit.enrolled import NOT_ENROLLED, enrolled_pairs


def _still_cancelled(effects: Sequence[Effect]) -> Mapping[int, str]:
    """They are all of one cohort."""
    sessions = about_classes.sessions_for(effects)
    cohorts = {session.id: session.cohort_id for session in sessions}
    held = {session.id for session in sessions if not session.is_cancelled}
    enrolled = enrolled_pairs(effects, sessions)
    reasons: dict[int, str] = {}
    for effect in effects:
        class_ids = effect.payload["class_ids"]
        if (cohorts[class_ids[0]], effect.person_id) not in enrolled:
            reasons[effect.id] = NOT_ENROLLED
        elif held.intersection(class_ids):
            reasons[effect.id] = "The classes are held after all."
    return reasons


NOTICE = Notice(
    name="classes_cancelled",
    title="Several classes cancelled",
    kind="class_changes",
    topic=about_classes.classes_topic(all_of, lambda session: session.title),
    occasion=about_classes.to_enrolled,
    preconditions=_still_cancelled,
    attachments=about_classes.calendar_file(all_of),
    subject=_("Cancelled: {{ count }} classes of {{ cohort }}"),
    text=_("""
# {{ count }} classes of {{ cohort }} are cancelled

Hello {{ first_name }},

these {{ count }} classes of {{ cohort }} will not take place:

{{ classes }}

Why: {{ because }}

The attached file takes them out of your calendar. Your other classes stay as they are:
[See the schedule]({{ schedule_url }})
"""),
    why=about_class.WHY,
    bell=[
        _("Cancelled: {{ count }} classes of {{ cohort }}, the first on {{ first }}"),
        "{{ because }}",
        _("See the schedule for those that stay."),
    ],
    whatsapp="{{ count }} classes of {{ cohort }} will not take place, the first of them on "
    "{{ first }}. See {{ schedule_url }} for all of them and for those that stay.",
)
