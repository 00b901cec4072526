"""What cohorts add to what all domains share."""

from typing import Any

from sqlalchemy import Select, func, select

from ffapp.programme.models import Cohort
from ffapp.web.admin.cohorts.sentences import SENTENCES
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.search import begins_first, contains
from ffapp.web.kit.subjects import Subject
from ffapp.web.navigation import Entry


def _search(words: str) -> Select[Any]:
    first_day = func.to_char(Cohort.starts_on, "FMDD Mon YYYY")
    return (
        select(
            Cohort.id, Cohort.name.label("title"), func.concat("from ", first_day).label("detail")
        )
        .where(contains(words, Cohort.name))
        .order_by(begins_first(words, Cohort.name), Cohort.starts_on.desc(), Cohort.id)
    )


DOMAIN = Domain(
    navigation=Entry("Cohorts", "admin.cohort_index", "users"),
    sentences=SENTENCES,
    subjects=(
        Subject(
            table="cohorts",
            kind="cohort",
            page=("admin.cohort_show", "cohort_id"),
            label=Cohort.name,
            noun="Cohorts",
            search=_search,
        ),
        Subject(  # of an enrolment, its student's page
            table="enrolments",
            page=("admin.person_show", "person_id"),
            page_id=lambda event: event.facts.get("person_id"),
        ),
    ),
)
