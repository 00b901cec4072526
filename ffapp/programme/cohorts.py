"""Making and changing cohorts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from ffapp.core import clock
from ffapp.core.db import FieldError, db, lock_at
from ffapp.core.events import diff, record
from ffapp.people.models import Person
from ffapp.programme.models import Cohort, Enrolment


def create_cohort(*, by: Person, **facts: Any) -> Cohort:
    """A new cohort with name, starts_on, ends_on, seats and time_zone; raises FieldError."""
    cohort = Cohort(created_at=clock.now())
    _write(cohort, **facts)
    db.session.add(cohort)
    record("cohort_created", by=by, on=cohort, name=cohort.name)
    return cohort


def change_cohort(cohort: Cohort, *, revision: int, by: Person, **facts: Any) -> None:
    """Change a cohort that was shown at `revision`; raises EditConflict or FieldError."""
    lock_at(cohort, revision)
    taken = enrolled_count(cohort)
    if facts["seats"] < taken:
        raise FieldError("seats", f"{taken} students are enrolled; withdraw some first.")
    before = _facts(cohort)
    _write(cohort, **facts)
    if changed := diff(before, _facts(cohort)):
        cohort.revision += 1
        record("cohort_changed", by=by, on=cohort, changed=changed)


def enrolled_count(cohort: Cohort) -> int:
    return int(
        db.session.scalar(
            select(func.count()).where(
                Enrolment.cohort_id == cohort.id, Enrolment.withdrawn_at.is_(None)
            )
        )
        or 0
    )


def enrolled_counts(cohort_ids: Sequence[int]) -> dict[int, int]:
    """Cohort id → how many are enrolled, where anybody is."""
    rows = db.session.execute(
        select(Enrolment.cohort_id, func.count())
        .where(Enrolment.withdrawn_at.is_(None), Enrolment.cohort_id.in_(cohort_ids))
        .group_by(Enrolment.cohort_id)
    )
    return {row[0]: row[1] for row in rows}


def _write(
    cohort: Cohort, *, name: str, starts_on: date, ends_on: date, seats: int, time_zone: str
) -> None:
    name = " ".join(name.split())
    if ends_on < starts_on:
        raise FieldError("ends_on", "The last day lies before the first.")
    same_name = select(Cohort.id).where(
        func.lower(Cohort.name) == name.lower(), Cohort.id.is_distinct_from(cohort.id)
    )
    with db.session.no_autoflush:
        if db.session.scalar(same_name) is not None:
            raise FieldError("name", "Another cohort has this name.")
    try:
        clock.zone(time_zone)
    except clock.UnknownZone as error:
        raise FieldError("time_zone", f"{error}. Choose one from the list.") from error
    cohort.name, cohort.starts_on, cohort.ends_on = name, starts_on, ends_on
    cohort.seats, cohort.time_zone = seats, time_zone


def _facts(cohort: Cohort) -> dict[str, Any]:
    return {
        "name": cohort.name,
        "starts_on": cohort.starts_on.isoformat(),
        "ends_on": cohort.ends_on.isoformat(),
        "seats": cohort.seats,
        "time_zone": cohort.time_zone,
    }
