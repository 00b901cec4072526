"""Somebody got a place in a cohort: which classes are ahead."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.core.i18n import lazy_gettext as _
from ffapp.messaging.notice import Notice, Occasion
from ffapp.notices.kit import about_class, about_classes
from ffapp.notices.kit.about_classes import held_of
from ffapp.notices.kit.announce import plan_notice
from ffapp.people.consent import Purpose
from ffapp.programme.models import Enrolment

MOST_CLASSES = 20  # that one message names
# Purpose that a guardian agrees to → the channels on which the student can be told from then on.
REACHED_ON = {Purpose.ACCOUNT: ("email", "whatsapp"), Purpose.WHATSAPP: ("whatsapp",)}


def announce_after_consent(event: Event) -> None:
    """Tell a student, for whom a guardian has agreed now, of the places that they have already.

    Until then it was withheld, as was what was told of each class meanwhile.
    """
    purpose = event.facts["purpose"]
    if not event.facts["granted"] or purpose not in REACHED_ON:
        return
    theirs = select(Enrolment.cohort_id).where(
        Enrolment.person_id == event.subject_id, Enrolment.withdrawn_at.is_(None)
    )
    for cohort_id in db.session.scalars(theirs.order_by(Enrolment.cohort_id)):
        occasion = _of_place(cohort_id, event.subject_id, event.at)
        if occasion:
            plan_notice(NOTICE, event, replace(occasion, channels=REACHED_ON[purpose]))


def _occasion(event: Event) -> Occasion | None:
    """To who joins when classes are scheduled already: once for a person and cohort."""
    return _of_place(event.facts["cohort_id"], event.facts["person_id"], event.at)


def _of_place(cohort_id: int, person_id: int, at: datetime) -> Occasion | None:
    ahead = db.session.scalars(
        select(ClassSession)
        .where(
            ClassSession.cohort_id == cohort_id,
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at > clock.now(),
            ClassSession.created_at < at,  # later ones are told of by themselves
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(MOST_CLASSES)
    ).all()
    if not ahead:
        return None
    return Occasion(
        people=[person_id],
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
