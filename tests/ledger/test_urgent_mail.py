"""Somebody waits before the screen for this mail: ten thousand others do not hold it up."""

from datetime import date, timedelta

from ffapp.classes.schedule import Plan, schedule
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.people.invite import request_reset
from ffapp.programme.cohorts import create_cohort
from ffapp.providers.simulating import store
from tests.cast import HOST
from tests.processes import witness
from tests.processes.poll import poll

# One call takes a thousand, so that while the mail may take its time at most four have begun.
PEOPLE, CALL_SECONDS = 14_000, 1.5
AT_LEAST_DUE = 10_000


def test_a_sign_in_mail_leaves_while_ten_thousand_others_are_due(cast, running_app):
    store.set_switch("sendgrid", "fault", {"kind": "slow", "seconds": CALL_SECONDS})
    store.set_switch("zoom", "fault", {"kind": "slow", "seconds": 30})
    many, nobody = (transaction(_cohort, people, cast.admin) for people in (PEOPLE, 0))
    for number in range(8):  # as many as would fill every slot that listeners need, too
        _schedule(f"Hanging {number}", nobody, cast.admin)
    running_app.worker(PROVIDER_DEADLINE_SECONDS="15")
    poll(lambda: _sending("zoom.create"), "meetings hang")
    _schedule("For all", many, cast.admin)
    poll(lambda: _sending("email"), "the first mails go")

    assert _due() >= AT_LEAST_DUE
    transaction(request_reset, cast.tara.email)
    poll(lambda: witness.count("purpose = 'account' AND state = 'sent'"), "the mail has left")

    assert _due() >= AT_LEAST_DUE


def _sending(kind):
    return witness.count("kind = :kind AND state = 'sending'", kind=kind)


def _due():
    return witness.count("lane = 'messages' AND state = 'planned' AND due_at <= now()")


def _schedule(title, cohort, admin):
    wanted = Plan(title, "", clock.now() + timedelta(hours=20), 60, HOST)
    transaction(schedule, cohort, wanted, admin)


def _cohort(people, admin):
    """So many people, none of them a child of whom a guardian would have to be asked."""
    cohort = create_cohort(
        name=f"{people} people",
        starts_on=date(2026, 11, 1),
        ends_on=date(2027, 2, 28),
        seats=PEOPLE,
        time_zone="Asia/Kolkata",
        by=admin,
    )
    db.session.execute(
        db.text(
            "WITH many AS (INSERT INTO people (name, email, created_at)"
            " SELECT 'Person ' || n, 'person' || n || '@students.example', now()"
            "   FROM generate_series(1, :count) AS n RETURNING id)"
            " INSERT INTO enrolments (cohort_id, person_id, enrolled_at)"
            " SELECT :cohort, id, now() FROM many"
        ),
        {"count": people, "cohort": cohort.id},
    )
    return cohort
