"""The events of cohorts and of who is enrolled in them, in words."""

from ffapp.web.admin import changed_facts
from ffapp.web.kit.timeline import Facts, Say, Words


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
