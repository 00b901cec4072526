"""What people add to what all domains share."""

from ffapp.people.models import Person
from ffapp.web.admin.people.sentences import SENTENCES
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.subjects import Subject
from ffapp.web.navigation import Entry

DOMAIN = Domain(
    navigation=Entry("People", "admin.person_index", "user"),
    sentences=SENTENCES,
    subjects=(
        Subject(
            table="people",
            kind="person",
            page=("admin.person_show", "person_id"),
            label=Person.name,
        ),
    ),
)
