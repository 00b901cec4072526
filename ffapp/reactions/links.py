"""Whoever may join a class has a link of their own. Each function is a listener of `table.py`."""

from ffapp.attendance import matching
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.meetings import link_revocation, registration
from ffapp.people.models import Person


def link_the_enrolled(event: Event) -> None:
    """The class has a meeting, new, changed, read or back again: everybody who has a seat."""
    session = db.session.get_one(ClassSession, event.subject_id)
    registration.request_links_for_class(session, event)
    link_revocation.request_revocation_again(session, event)


def link_the_newcomer(event: Event) -> None:
    """Somebody came, or came back: every class of the cohort that is still to come."""
    link_revocation.reinstate_links(event.facts["cohort_id"], event.facts["person_id"])
    registration.request_links_in_cohort(event.facts["cohort_id"], event.facts["person_id"], event)


def end_links(event: Event) -> None:
    """Somebody left: their links into the classes to come must not work any more."""
    link_revocation.revoke_links_in_cohort(
        event.facts["cohort_id"], event.facts["person_id"], event
    )


def rename_links(event: Event) -> None:
    """A guardian has spoken, or a name has changed: Zoom knows the student as it may."""
    link_revocation.update_links_of_person(event.subject_id, event)


def know_by_address(event: Event) -> None:
    """Somebody came, or has another address: who was unknown in a class may have been them."""
    person_id = event.facts.get("person_id", event.subject_id)
    person = db.session.get(Person, person_id)
    if person is not None:  # else they were imported by mistake, and are gone
        matching.match_person(person)
