"""What people add to what all domains share."""

from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from ffapp.people.models import Person
from ffapp.web.admin.people.sentences import SENTENCES
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.search import begins_first, contains, has_phone
from ffapp.web.kit.subjects import Subject
from ffapp.web.navigation import Entry


def is_called(words: str) -> ColumnElement[bool]:
    """Whose name, e-mail address or phone number contains the words."""
    return or_(contains(words, Person.name, Person.email), has_phone(words, Person.phone))


def _search(words: str) -> Select[Any]:
    return (
        select(Person.id, Person.name.label("title"), Person.email.label("detail"))
        .where(is_called(words))
        .order_by(begins_first(words, Person.name), Person.name, Person.id)
    )


DOMAIN = Domain(
    navigation=Entry("People", "admin.person_index", "user"),
    sentences=SENTENCES,
    subjects=(
        Subject(
            table="people",
            kind="person",
            page=("admin.person_show", "person_id"),
            label=Person.name,
            noun="People",
            search=_search,
        ),
    ),
)
