"""The recording of a class can be watched."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Notice, Occasion
from ffapp.notices.kit import about_class
from ffapp.recordings import library
from ffapp.recordings.permissions import is_watchable_class

IS_NEWS = timedelta(days=7)  # after that a recording is no news


def _occasion(event: Event) -> Occasion | None:
    """Once for a class, when its recording is complete; None before.

    A message is looked at again before it goes; a bell is not, and it rings once. So it stays
    silent while there is nothing to watch, and rings with the event that shows the recording.
    """
    usual = about_class.to_enrolled(event)
    class_id = usual.payload["class_id"]
    if db.session.get_one(ClassSession, class_id).recording_announced_at is None:
        return None
    return replace(
        usual,
        occurrence=usual.subject,
        useful_until=clock.now() + IS_NEWS,
        path=f"/recordings/classes/{class_id}",
        rings=bool(_shown([class_id])),
    )


def _still_shown(effects: Sequence[Effect]) -> Mapping[int, str]:
    shown = _shown({effect.payload["class_id"] for effect in effects})
    check = about_class.unless(
        lambda effect, session: None if session.id in shown else "The recording is hidden."
    )
    return check(effects)


def _shown(class_ids: Collection[int]) -> set[int]:
    """Those of these classes that have a video for students to watch."""
    return set(
        db.session.scalars(
            select(ClassSession.id).where(ClassSession.id.in_(class_ids), is_watchable_class())
        )
    )


def _parts(session: ClassSession) -> str:
    """`part 1 of 20 min, part 2 of 35 min`; empty where there is one."""
    parts = library.parts(session)
    if len(parts) < 2:
        return ""
    return ", ".join(
        gettext("part %(number)s of %(minutes)s min", number=number, minutes=part.minutes)
        for number, part in enumerate(parts, 1)
    )


NOTICE = Notice(
    name="recording_available",
    title="Recording available",
    kind="recordings",
    topic=about_class.class_topic(
        {
            "recordings_url": Variable("the address of its recordings", "https://…", address=True),
            "parts": Variable("its parts, where there are several", "part 1 of 20 min, …"),
        },
        lambda effect, session, cause: {
            "recordings_url": f"{config.current().public_url}/recordings/classes/{session.id}",
            "parts": _parts(session),
        },
    ),
    occasion=_occasion,
    preconditions=_still_shown,
    subject=_("Recording ready: {{ title }}"),
    text=_("""
# The recording of {{ title }} is ready

Hello {{ first_name }},

the recording of {{ title }} ({{ cohort }}, {{ when }}) is ready. Watch it here:
[Watch the recording]({{ recordings_url }})

It has several parts: {{ parts }}.
"""),
    why=about_class.WHY,
    bell=[_("The recording of {{ title }} is ready"), "{{ cohort }}"],
    whatsapp="the recording of {{ title }} ({{ cohort }}, {{ your_when }}) is ready. Watch it at "
    "{{ recordings_url }} after signing in.",
)
