"""What an event or an effect is about: its name, and the page that shows it."""

from collections.abc import Iterable
from dataclasses import dataclass

import flask
from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.messaging.models import Announcement
from ffapp.people.models import Person
from ffapp.programme.models import Cohort

# An event's table → the page of its row, and what the page calls the row's id.
PAGES = {
    "people": ("admin.person_show", "person_id"),
    "cohorts": ("admin.cohort_show", "cohort_id"),
    "sessions": ("admin.class_show", "class_id"),
    "announcements": ("admin.announcement_show", "announcement_id"),
    "effects": ("admin.message_show", "message_id"),
    "webhook_deliveries": ("admin.webhook_show", "webhook_id"),
}


@dataclass(frozen=True)
class Subject:
    """`kind` is the ledger's word before the `=`."""

    kind: str
    name: str
    url: str | None


def url_of_event(event: Event) -> str | None:
    """The page of what the event happened to; of an enrolment, its student's."""
    table, row_id = event.subject_type, event.subject_id
    if table == "enrolments":
        table, row_id = "people", event.facts.get("person_id")
    if table not in PAGES or row_id is None:
        return None
    endpoint, parameter = PAGES[table]
    here = flask.request.endpoint == endpoint and flask.request.view_args == {parameter: row_id}
    return None if here else flask.url_for(endpoint, **{parameter: row_id})


def subjects(names: Iterable[str]) -> dict[str, Subject]:
    """The ledger's subjects (`class=12`, `person=7`) as people call them; one query a kind."""
    known = {name: _parts(name) for name in set(names)}
    titles = _titles({row_id for kind, row_id in known.values() if kind == "class"})
    people = _names({row_id for kind, row_id in known.values() if kind == "person"})
    cohorts = _cohorts({row_id for kind, row_id in known.values() if kind == "cohort"})
    texts = _announcements({row_id for kind, row_id in known.values() if kind == "announcement"})
    found = {}
    for name, (kind, row_id) in known.items():
        if kind == "class" and row_id in titles:
            url = flask.url_for("admin.class_show", class_id=row_id)
            found[name] = Subject(kind, f"“{titles[row_id]}”", url)
        elif kind == "person" and row_id in people:
            url = flask.url_for("admin.person_show", person_id=row_id)
            found[name] = Subject(kind, people[row_id], url)
        elif kind == "cohort" and row_id in cohorts:
            url = flask.url_for("admin.cohort_show", cohort_id=row_id)
            found[name] = Subject(kind, cohorts[row_id], url)
        elif kind == "announcement" and row_id in texts:
            url = flask.url_for("admin.announcement_show", announcement_id=row_id)
            found[name] = Subject(kind, f"“{texts[row_id]}”", url)
        else:
            found[name] = Subject(kind, name, None)
    return found


def _parts(name: str) -> tuple[str, int | None]:
    kind, _, text = name.partition("=")
    return kind, int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _titles(ids: set[int | None]) -> dict[int | None, str]:
    rows = select(ClassSession.id, ClassSession.title).where(ClassSession.id.in_(ids))
    return {row.id: row.title for row in db.session.execute(rows)} if ids else {}


def _announcements(ids: set[int | None]) -> dict[int | None, str]:
    rows = select(Announcement.id, Announcement.subject_line).where(Announcement.id.in_(ids))
    return {row.id: row.subject_line for row in db.session.execute(rows)} if ids else {}


def _names(ids: set[int | None]) -> dict[int | None, str]:
    rows = select(Person.id, Person.name).where(Person.id.in_(ids))
    return {row.id: row.name for row in db.session.execute(rows)} if ids else {}


def _cohorts(ids: set[int | None]) -> dict[int | None, str]:
    rows = select(Cohort.id, Cohort.name).where(Cohort.id.in_(ids))
    return {row.id: row.name for row in db.session.execute(rows)} if ids else {}
