"""What cohorts add to what all domains share."""

from typing import Any

from sqlalchemy import Select, func, select

from ffapp.programme.models import Cohort
from ffapp.web.admin import changed_facts
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.search import begins_first, contains
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import Facts, Say, Words
from ffapp.web.navigation import Entry

# ── the words of events ──


def _enrolled(facts: Facts, zone: str) -> Words:
    again = " again" if facts.get("again") else ""
    return Words(f"enrolled {facts.get('person')} in {facts.get('cohort')}{again}", tone="good")


def _imported(facts: Facts, zone: str) -> Words:
    rejected = facts.get("rejected")
    what = f"imported {facts.get('applied')} rows of {facts.get('file')}"
    return Words(f"{what}; {rejected} were rejected" if rejected else what, tone="info")


SENTENCES: dict[str, Say] = {
    "cohort_created": lambda facts, zone: Words(f"made the cohort {facts.get('name')}"),
    "cohort_changed": changed_facts.changed,
    "student_enrolled": _enrolled,
    "withdrawal_undone": lambda facts, zone: Words(
        f"undid the withdrawal of {facts.get('person')} from {facts.get('cohort')}", tone="good"
    ),
    "student_withdrawn": lambda facts, zone: Words(
        f"withdrew {facts.get('person')} from {facts.get('cohort')}", tone="warn"
    ),
    "students_imported": _imported,
    "enrolment_undone": lambda facts, zone: Words(
        f"took the new seat of {facts.get('person')} in {facts.get('cohort')} back", tone="warn"
    ),
}


# ── kinds of rows, and the domain ──


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
