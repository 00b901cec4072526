"""What cohorts add to what all domains share."""

from typing import Any

from sqlalchemy import Select, func, select

from ffapp.programme.models import Cohort
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.search import begins_first, contains
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import Facts, Label, Say, Words, changed, iso_day, plain, say
from ffapp.web.navigation import Entry


def _enrolled(facts: Facts, zone: str) -> Words:
    again = " again" if facts.get("again") else ""
    return Words(f"enrolled {facts.get('person')} in {facts.get('cohort')}{again}", tone="good")


def _imported(facts: Facts, zone: str) -> Words:
    rejected = facts.get("rejected")
    what = f"imported {facts.get('applied')} rows of {facts.get('file')}"
    return Words(f"{what}; {rejected} were rejected" if rejected else what, tone="info")


SENTENCES: dict[str, Say] = {
    "cohort_created": say("made the cohort {name}"),
    "cohort_changed": changed,
    "student_enrolled": _enrolled,
    "withdrawal_undone": say("undid the withdrawal of {person} from {cohort}", "good"),
    "student_withdrawn": say("withdrew {person} from {cohort}", "warn"),
    "students_imported": _imported,
    "enrolment_undone": say("took the new seat of {person} in {cohort} back", "warn"),
}
LABELS: dict[str, Label] = {
    "starts_on": ("the first day", iso_day),
    "ends_on": ("the last day", iso_day),
    "seats": ("the seats", plain),
}


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
    labels=LABELS,
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
