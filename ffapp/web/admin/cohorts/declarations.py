"""What cohorts add to what all domains share."""

from ffapp.programme.models import Cohort
from ffapp.web.admin.cohorts.sentences import SENTENCES
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.subjects import Subject
from ffapp.web.navigation import Entry

DOMAIN = Domain(
    navigation=Entry("Cohorts", "admin.cohort_index", "users"),
    sentences=SENTENCES,
    subjects=(
        Subject(
            table="cohorts",
            kind="cohort",
            page=("admin.cohort_show", "cohort_id"),
            label=Cohort.name,
        ),
        Subject(  # of an enrolment, its student's page
            table="enrolments",
            page=("admin.person_show", "person_id"),
            page_id=lambda event: event.facts.get("person_id"),
        ),
    ),
)
