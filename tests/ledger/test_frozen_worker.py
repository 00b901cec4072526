"""A worker that stands still for longer than anybody waits for it, and then goes on."""

import signal

from ffapp.db import db, transaction
from ffapp.ledger import decide
from ffapp.ledger.models import Effect
from ffapp.providers.simulating import store
from tests.ledger.pupils import enrolled
from tests.processes import witness
from tests.processes.poll import poll

SHORT = {"PROVIDER_DEADLINE_SECONDS": "5"}
DURING, BEFORE = "after_it_acted", "before_the_call"


def test_a_worker_that_wakes_up_late_does_nothing_a_second_time(cast, house):
    """One stands still during its calls, one just before them; a third goes on meanwhile."""
    silent = enrolled(cast, "silent")
    frozen = house.stalling_worker(DURING, **SHORT)
    held_up = house.stalling_worker(BEFORE, **SHORT)
    _let_answers_take(seconds=4)
    in_call = cast.schedule("In call", hours=30).subject
    house.go(DURING)
    poll(lambda: _acts_for(in_call) == 4, "the providers have acted")
    frozen.signal(signal.SIGSTOP)
    _let_answers_take(seconds=0)
    before = cast.schedule("Before", hours=30).subject
    house.go(BEFORE)
    poll(lambda: _is_at_step(held_up, "email", "zoom.create"), "mail and meeting are at the step")
    held_up.signal(signal.SIGSTOP)
    house.worker()

    # Its claims are given up, it is asked about, and its heart is heard no more.
    poll(lambda: _states("zoom.create") == {"sent"}, "both meetings are made")
    poll(lambda: _silent_workers() == 0, "the frozen workers are struck off", seconds=90)
    unknown = _mail(silent, in_call)
    assert unknown.state == "uncertain"
    assert _mail(cast.asha, before).state == "uncertain"
    _ask_for_another_try_later(unknown.id, cast.admin)
    house.go_on(BEFORE)
    for worker in (frozen, held_up):
        worker.signal(signal.SIGCONT)

    # The late acceptance counts; the late beginning is given up, and done by somebody else.
    poll(lambda: _mail(silent, in_call).state == "sent", "the late acceptance is recorded")
    poll(lambda: _states("email", "class_scheduled") == {"sent", "withheld"}, "all mail is sent")
    witness.assert_nothing_twice()
    for title in ("In call", "Before"):
        assert len(witness.meetings_at_zoom(title)) == 1
    for child in house.children[1:]:
        child.stop()
    cast.schedule("Afterwards", hours=30)
    poll(lambda: witness.meetings_at_zoom("Afterwards"), "the worker that woke up works again")


def _let_answers_take(seconds):
    """Both providers act, and then wait that long before they answer."""
    fault = {"kind": "slow_after", "seconds": seconds} if seconds else None
    store.set_switch("sendgrid", "fault", fault)
    store.set_switch("zoom", "fault", fault and {**fault, "path": "meetings"})


def _is_at_step(worker, *kinds):
    return all(worker.says(f"stalled {BEFORE} {kind}") for kind in kinds)


def _acts_for(subject):
    rows = witness.ledger("subject = :of AND state = 'sending'", of=subject)
    counts = witness.journal_counts()
    return sum(
        counts.get((act, str(row.id)), 0) for row in rows for act in ("mail", "meeting.create")
    )


def _states(kind, rule="zoom_meeting"):
    rows = witness.ledger("kind = :kind AND rule = :rule", kind=kind, rule=rule)
    return {row.state for row in rows}


def _silent_workers():
    return witness.sql(
        "SELECT count(*) FROM procrastinate_workers"
        " WHERE last_heartbeat < now() - interval '6 seconds'"
    )


def _mail(person, subject):
    (row,) = witness.ledger(
        "person_id = :person AND subject = :of AND rule = 'class_scheduled'",
        person=person.id,
        of=subject,
    )
    return row


def _ask_for_another_try_later(effect_id, admin):
    effect = db.session.get_one(Effect, effect_id)
    transaction(decide.retry, effect, admin)
    witness.sql(
        "UPDATE effects SET due_at = now() + interval '1 hour' WHERE id = :id", id=effect_id
    )
