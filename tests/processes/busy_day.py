"""Fills a database of its own: `python -m tests.processes.busy_day CLASSES [STUDENTS]`.

The first time it makes the cast and so many more students; then, and each time, it schedules so
many classes, as an admin would, one transaction each.
"""

import sys

from ffapp.app import create_app
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Cohort
from tests.cast import Cast, make_cast
from tests.ledger.pupils import enrolled

NAMES = ("asha", "ravi", "kabir", "meera", "tara")


def fill(classes: int, students: int) -> None:
    known = {
        person.email.partition("@")[0]: person for person in db.session.scalars(db.select(Person))
    }
    if known:
        people = {name: known[name] for name in NAMES}
        cohort = db.session.scalars(db.select(Cohort)).one()
        cast = Cast(admin=known["vikram"], cohort=cohort, **people)
    else:
        cast = make_cast()
        for number in range(students):
            enrolled(cast, f"student{number}")
    first = db.session.scalar(db.text("SELECT count(*) + 1 FROM sessions"))
    for number in range(first, first + classes):
        cast.schedule(f"Class {number}", hours=30 + number)


if __name__ == "__main__":
    with create_app().app_context():
        began = clock.wall()
        fill(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
        sys.stderr.write(f"filled in {clock.wall() - began}\n")
