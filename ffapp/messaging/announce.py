"""Writing to several people at once: one text, one e-mail for each, held back for a minute."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.ledger import batches
from ffapp.ledger.models import Effect
from ffapp.ledger.plan import plan
from ffapp.messaging import wording
from ffapp.messaging.compose import Notice, Tags
from ffapp.messaging.models import Announcement
from ffapp.messaging.wording import Problem
from ffapp.people.models import Person

RULE = "announcement"
VARIABLES = {"me.first_name": "the person's first name"}


def problems(subject: str, body: str) -> list[Problem]:
    """What must be put right before it can be sent; empty when nothing is wrong."""
    return wording.problems(subject, body, VARIABLES)


def announce(subject: str, body: str, people: Sequence[Person], by: Person) -> Announcement:
    """Plan the e-mail to each of `people`; the text must have been checked (`problems`)."""
    batch = batches.begin("message", by)
    announcement = Announcement(
        batch_id=batch.id,
        written_by_id=by.id,
        subject_line=subject,
        body=body,
        written_at=clock.now(),
    )
    db.session.add(announcement)
    event = record(
        "announcement_written", by=by, on=announcement, count=len(people), batch_id=batch.key
    )
    batch.facts = {"announcement_id": announcement.id}
    plan(
        f"{RULE}:{announcement.subject}:email",
        kind="email",
        purpose="classes",
        subject=announcement.subject,
        rule=RULE,
        cause=event,
        people=[person.id for person in people],
        payload={"announcement_id": announcement.id},
    )
    return announcement


def _facts(effect: Effect) -> Mapping[str, Any]:
    row = db.session.get_one(Announcement, effect.payload["announcement_id"])
    words = {"me": Tags()}
    return {
        "line": wording.render(row.subject_line, words, html=False),
        "heading": Markup(wording.render(row.subject_line, words, html=True)),
        "text": wording.render(row.body, words, html=False).strip(),
        "inner": wording.paragraphs(wording.render(row.body, words, html=True)),
    }


ANNOUNCEMENT = Notice(RULE, "Announcement", facts=_facts)
