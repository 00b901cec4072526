"""A worker that stands still for longer than anybody waits for it, and then goes on."""

import signal

from ffapp.core.db import db, transaction
from ffapp.ledger import admin_actions
from ffapp.ledger.models import Effect
from ffapp.providers.simulating import store
from tests.ledger.pupils import enrolled
from tests.processes import witness
from tests.processes.poll import poll

SHORT = {"PROVIDER_DEADLINE_SECONDS": "10"}
ANSWERS_TAKE_SECONDS = 9
DURING, WRITING, BEFORE = "after_it_acted", "before_the_outcome_commits", "before_the_call"
# A minute in production: as long as Postgres lets a session stand still in a transaction.
STANDSTILL = "ffapp.core.db.STANDSTILL_SECONDS=15"


def test_a_worker_that_wakes_up_after_it_was_given_up_does_nothing_a_second_time(cast, running_app):
    """One stands still during its calls, one while it writes what they brought, one just before
    them, all at the same time; a fourth goes on meanwhile."""
    silent = enrolled(cast, "silent")
    frozen = {
        step: running_app.stalling_worker(step, STANDSTILL, **SHORT)
        for step in (DURING, WRITING, BEFORE)
    }
    in_call = _freeze_during_its_calls(cast, running_app, frozen[DURING])
    written = _freeze_at(WRITING, cast, running_app, frozen[WRITING])
    before = _freeze_at(BEFORE, cast, running_app, frozen[BEFORE])
    running_app.worker()

    # Its claims are given up, it is asked about, and its heart is heard no more.
    poll(lambda: _states("zoom.create") == {"sent"}, "all meetings are made")
    poll(lambda: _silent_workers() == 0, "the frozen workers are struck off")
    poll(lambda: _standing_still() == 0, "Postgres has ended what stood still in a transaction")
    poll(lambda: _mail(silent, written).state == "uncertain", "nobody has told of her mail")
    unknown = _mail(silent, in_call)
    assert unknown.state == "uncertain"
    assert _mail(cast.asha, before).state == "uncertain"
    _ask_for_another_try_later(unknown.id, cast.admin)
    _wake_up(running_app, frozen)

    # The late acceptance counts; the late beginning is given up, and done by somebody else.
    poll(lambda: _mail(silent, in_call).state == "sent", "the late acceptance is recorded")
    poll(lambda: _states("email", "class_scheduled") == {"sent", "withheld"}, "all mail is sent")
    witness.assert_nothing_twice()
    for title in (DURING, WRITING, BEFORE):
        assert len(witness.meetings_at_zoom(title)) == 1
    for child in running_app.children[1:]:
        child.stop()
    cast.schedule("Afterwards", hours=30)
    poll(lambda: witness.meetings_at_zoom("Afterwards"), "the worker that woke up works again")


def _freeze_during_its_calls(cast, running_app, worker):
    _let_answers_take(seconds=ANSWERS_TAKE_SECONDS)
    subject = cast.schedule(DURING, hours=30).subject
    running_app.go(DURING)
    poll(lambda: _acts_for(subject) == 4, "the providers have acted")
    worker.signal(signal.SIGSTOP)
    _let_answers_take(seconds=0)
    return subject


def _freeze_at(step, cast, running_app, worker):
    subject = cast.schedule(step, hours=30).subject
    running_app.go(step)
    poll(lambda: _is_at_step(worker, step), "mail and meeting are at the step")
    worker.signal(signal.SIGSTOP)
    return subject


def _wake_up(running_app, frozen):
    for step in (WRITING, BEFORE):
        running_app.go_on(step)
    for worker in frozen.values():
        worker.signal(signal.SIGCONT)


def _let_answers_take(seconds):
    """Both providers act, and then wait that long before they answer."""
    fault = {"kind": "slow_after", "seconds": seconds} if seconds else None
    store.set_switch("sendgrid", "fault", fault)
    store.set_switch("zoom", "fault", fault and {**fault, "path": "meetings"})


def _is_at_step(worker, step):
    return all(worker.says(f"stalled {step} {kind}") for kind in ("email", "zoom.create"))


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


def _standing_still():
    return witness.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND state LIKE 'idle in transaction%' AND state_change < now() - interval '5 seconds'"
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
    transaction(admin_actions.retry, effect, admin)
    witness.sql(
        "UPDATE effects SET due_at = now() + interval '1 hour' WHERE id = :id", id=effect_id
    )
