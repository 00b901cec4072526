"""Who is enrolled now, asked just before messages go."""

from collections.abc import Sequence

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core.db import db, is_among
from ffapp.ledger.models import Effect
from ffapp.programme.models import Enrolment

NOT_ENROLLED = "The student is not enrolled any more."


def enrolled_pairs(
    effects: Sequence[Effect], sessions: Sequence[ClassSession]
) -> set[tuple[int, int | None]]:
    """(cohort id, person id) of those recipients that are enrolled in the classes' cohorts."""
    rows = db.session.execute(
        select(Enrolment.cohort_id, Enrolment.person_id).where(
            Enrolment.cohort_id.in_({session.cohort_id for session in sessions}),
            is_among(Enrolment.person_id, {effect.person_id for effect in effects}),
            Enrolment.withdrawn_at.is_(None),
        )
    )
    return {(row.cohort_id, row.person_id) for row in rows}
