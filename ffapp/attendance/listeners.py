"""What follows for attendance when a person becomes known by another address."""

from ffapp.attendance import matching
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.people.models import Person


def match_participants_by_address(event: Event) -> None:
    """Somebody was enrolled or has another address: match earlier participants to them."""
    person_id = event.facts.get("person_id", event.subject_id)
    person = db.session.get(Person, person_id)
    if person is not None:  # else they were imported by mistake, and are gone
        matching.match_person(person)
