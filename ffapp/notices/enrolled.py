"""Somebody got a place in a cohort: which classes are ahead."""

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.notice import Notice, Occasion
from ffapp.notices.kit import about_class, about_classes
from ffapp.notices.kit.about_classes import all_of, held_of

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


def _to_tell(effect: Effect) -> list[ClassSession]:
    """The classes as they are when the mail goes, without those that were cancelled meanwhile."""
    return held_of(effect) or all_of(effect)


def _why_none_is_ahead(effect: Effect, *sessions: ClassSession) -> str | None:
    any_ahead = any(not each.is_cancelled for each in sessions)
    return None if any_ahead else "All of these classes were cancelled."


NOTICE = Notice(
    name="enrolled",
    title="Place in a cohort",
    kind="class_changes",
    channels=("email", "whatsapp"),  # the bell has its own line at once
    topic=about_classes.classes_topic(
        _to_tell,
        lambda session: gettext(
            "%(title)s, %(minutes)s minutes", title=session.title, minutes=session.duration_minutes
        ),
    ),
    occasion=_occasion,
    preconditions=about_class.unless(_why_none_is_ahead),
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
