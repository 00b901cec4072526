"""Somebody got a place in a cohort: which classes are ahead."""

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.notice import Notice, Occasion
from ffapp.notices.kit import about_class, about_classes
from ffapp.notices.kit.about_classes import held_of

MOST_CLASSES = 20  # that one message names


def _occasion(event: Event) -> Occasion | None:
    """To who joins when classes are scheduled already: once for a person and cohort."""
    cohort_id = event.facts["cohort_id"]
    ahead = db.session.scalars(
        select(ClassSession)
        .where(
            ClassSession.cohort_id == cohort_id,
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at > clock.now(),
            ClassSession.created_at < event.at,  # later ones are told of by themselves
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(MOST_CLASSES)
    ).all()
    if not ahead:
        return None
    return Occasion(
        people=[event.facts["person_id"]],
        subject=f"cohort={cohort_id}",
        occurrence=f"cohort={cohort_id}",
        payload={"class_ids": [each.id for each in ahead]},
        useful_until=ahead[-1].ends_at,
    )


NOTICE = Notice(
    name="enrolled",
    title="Place in a cohort",
    kind="class_changes",
    channels=("email", "whatsapp"),  # the bell has its own line at once
    topic=about_classes.classes_topic(about_classes.to_tell, about_classes.title_and_length),
    occasion=_occasion,
    preconditions=about_class.unless(about_classes.all_cancelled),
    attachments=about_classes.calendar_file(held_of),
    subject=_("Your place in {{ cohort }}, from {{ first }}"),
    text=_("""
# You have a place in {{ cohort }}

Hello {{ first_name }},

you have a place in {{ cohort }}. These are your next classes:

{{ classes }}

The attached file puts them into your calendar.
For each class the Join button opens {{ opens }}, here:
[See the schedule]({{ schedule_url }})
"""),
    why=about_class.WHY,
    whatsapp="you have a place in {{ cohort }}. The next class is on {{ first }}. See "
    "{{ schedule_url }} for all of them.",
)
