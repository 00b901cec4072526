"""Writing to several people at once: one text, one e-mail for each, held back for a minute."""

from collections.abc import Sequence

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.ledger import batches
from ffapp.ledger.plan import plan
from ffapp.messaging import compose
from ffapp.messaging.models import Announcement
from ffapp.messaging.notice import Wording
from ffapp.people.models import Person

RULE = "announcement"


def problems(subject: str, body: str) -> list[tuple[str, str]]:
    """What must be put right before it can be sent: (`subject` or `text`, a sentence)."""
    notice = compose.notice_named(RULE)
    assert notice is not None, "announcements can be composed"
    return compose.problems(notice, Wording(subject, body))


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
