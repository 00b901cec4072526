"""Everybody who may join a class has a personal link: what follows when that changes."""

from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.meetings import link_revocation, registration


def request_links_for_class(event: Event) -> None:
    """The class has a meeting, new, changed, refreshed or recovered: for everybody enrolled."""
    session = db.session.get_one(ClassSession, event.subject_id)
    registration.request_links_for_class(session, event)
    link_revocation.request_revocation_again(session, event)


def request_links_for_person(event: Event) -> None:
    """Somebody was enrolled: for every upcoming class of the cohort."""
    link_revocation.reinstate_links(event.facts["cohort_id"], event.facts["person_id"])
    registration.request_links_in_cohort(event.facts["cohort_id"], event.facts["person_id"], event)


def revoke_links_of_leaver(event: Event) -> None:
    """Somebody left: their links into upcoming classes must not work any more."""
    link_revocation.revoke_links_in_cohort(
        event.facts["cohort_id"], event.facts["person_id"], event
    )


def update_links_of_person(event: Event) -> None:
    """A consent or a name has changed: Zoom shows the student as it may."""
    link_revocation.update_links_of_person(event.subject_id, event)
