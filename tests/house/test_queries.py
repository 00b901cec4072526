"""No page asks the database more often because there is more to show."""

import pytest

from ffapp.db import db, transaction
from ffapp.people.models import Role
from ffapp.programme.admit import Newcomer, admit

ADMIN = (
    "/admin/today",
    "/admin/classes",
    "/admin/classes/{class_id}",
    "/admin/classes/month",
    "/admin/classes/{class_id}/attendance",
    "/admin/classes/{class_id}/views",
    "/admin/classes/new",
    "/admin/cohorts",
    "/admin/cohorts/{cohort_id}",
    "/admin/people",
    "/admin/people/{person_id}",
    "/admin/messages",
    "/admin/messages/templates",
    "/admin/notifications",
    "/admin/webhooks",
    "/admin/recordings",
    "/simulators/mailbox",
    "/simulators/phone",
    "/simulators/journal",
)
STUDENT = (
    "/home",
    "/schedule",
    "/schedule?past=1",
    "/schedule/month",
    "/recordings",
    "/recordings?q=class",
    "/me",
    "/notifications",
    "/classes/{class_id}",
    "/classes/{class_id}.ics",
)


def newcomers(cast, numbers):
    for number in numbers:
        newcomer = Newcomer(
            f"New Comer{number}", f"new{number}@students.example", None, "G", None, True
        )
        transaction(admit, cast.cohort, newcomer, cast.admin)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.STUDENT])
def test_a_page_asks_as_often_for_many_rows_as_for_few(client, cast, worker, queries, role):
    cast.cohort.seats = 100
    db.session.commit()
    newcomers(cast, range(2))
    first = cast.schedule("Class", hours=2)
    worker.drain()
    client.sign_in(cast.admin if role is Role.ADMIN else cast.asha)
    known = {
        "class_id": first.id,
        "cohort_id": cast.cohort.id,
        "person_id": cast.asha.id,
    }
    paths = [path.format(**known) for path in (ADMIN if role is Role.ADMIN else STUDENT)]

    def count():
        found = {}
        for path in paths:
            client.get(path, lint=False)
            with queries() as seen:
                assert client.get(path, lint=False).status_code == 200, path
            found[path] = len(seen)
        return found

    few = count()
    newcomers(cast, range(2, 12))
    for number in range(8):
        cast.schedule(f"Class {number}", hours=4 + 2 * number)
    worker.drain()

    # A page may look into one more table once it has something to show of it.
    grown = {path: (few[path], many) for path, many in count().items() if many > few[path] + 1}
    assert not grown
