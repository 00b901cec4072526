"""A worker is killed at each step of performing, for every kind; a healthy one finishes."""

from ffapp.classes.schedule import Plan, cancel, change
from ffapp.core.db import db, transaction
from ffapp.programme.enrol import enrolment_of, withdraw
from ffapp.providers.simulating import store
from tests.ledger.pupils import enrolled
from tests.processes import witness
from tests.processes.poll import poll
from tests.processes.stalling_worker import STEPS

KINDS = {"email", "zoom.create", "zoom.update", "zoom.delete"}
# A lane has three slots, which the other acts at Zoom fill.
REGISTERING = {"zoom.register", "zoom.unregister"}
FAULTS = {"before_it_acted": "slow", "after_it_acted": "slow_after"}
SLOW_SECONDS = 2
# Due, or to be tried again in a moment; a reminder of tomorrow is neither.
WAITS = "(due_at < now() OR reason IS NOT NULL)"
# The deadline is longer than the killing takes. Those that stall inside a transaction keep its
# connection, and have as many as slots.
OF_THE_KILLED = {"PROVIDER_DEADLINE_SECONDS": "20", "WORKER_CONCURRENCY": "8"}


def test_a_worker_killed_at_any_step_leaves_nothing_lost_and_nothing_doubled(
    cast, worker, running_app
):
    moved = {step: cast.schedule(f"Moved {step}", hours=30) for step in STEPS}
    ended = {step: cast.schedule(f"Ended {step}", hours=30) for step in STEPS}
    worker.drain()
    victims = {step: running_app.stalling_worker(step, **OF_THE_KILLED) for step in STEPS}

    held = {}
    for step, victim in victims.items():
        _bad_day(FAULTS.get(step))
        _ask_for_all_kinds(cast, step, moved[step], ended[step])
        running_app.go(step)
        held[step] = _hold_all_kinds(victim, step)
        victim.kill()
    _bad_day(None)
    _let_the_claims_expire()
    running_app.worker()

    _wait_until_resolved()
    witness.assert_nothing_twice()
    _check_mails(held)
    _check_meetings()


def test_a_worker_killed_while_it_registers_and_cancels_leaves_each_done_once(
    cast, worker, running_app
):
    leaving = {step: enrolled(cast, f"leaving{step}".replace("_", "")) for step in STEPS}
    cast.schedule("Soon", hours=5)
    worker.drain()
    victims = {step: running_app.stalling_worker(step, **OF_THE_KILLED) for step in STEPS}

    for step, victim in victims.items():
        _bad_day(FAULTS.get(step))
        enrolled(cast, step.replace("_", ""))
        transaction(withdraw, enrolment_of(cast.cohort, leaving[step]), cast.admin)
        running_app.go(step)
        _hold_some_of(victim, step, REGISTERING)
        victim.kill()
    _bad_day(None)
    _let_the_claims_expire()
    running_app.worker()

    linked = "SELECT count(DISTINCT person_id) FROM personal_links WHERE ended_at IS NULL"
    poll(lambda: witness.sql(linked) == 3 + len(STEPS), "everybody is registered")
    _wait_until_resolved()
    witness.assert_nothing_twice()
    assert not witness.ledger("kind LIKE 'zoom.%register' AND state <> 'sent'")
    let_in = [each for each in store.find("zoom", "registrant") if each["status"] == "approved"]
    assert len(let_in) == 3 + len(STEPS)


def _let_the_claims_expire():
    """All who held something are dead: the time after which that is known passes at once."""
    witness.sql("UPDATE effects SET deadline_at = now() WHERE state = 'sending'")
    witness.sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")


def _ask_for_all_kinds(cast, step, moved, ended):
    cast.schedule(f"New {step}", hours=30)
    wanted = Plan(f"Renamed {step}", "", moved.starts_at, 60, moved.zoom_host_email)
    db.session.refresh(moved)
    transaction(change, moved, wanted, moved.revision, cast.admin)
    db.session.refresh(ended)
    transaction(cancel, ended, "", ended.revision, cast.admin)


def _bad_day(kind):
    fault = {"kind": kind, "seconds": SLOW_SECONDS} if kind else None
    for provider in ("zoom", "sendgrid"):
        store.set_switch(provider, "fault", fault)


def _hold_all_kinds(victim, step, kinds=KINDS):
    """Wait until the worker holds one effect of each kind at the step; kind → effect ids."""
    held = poll(lambda: _all_kinds_in(victim, kinds), f"all kinds at {step}")
    if step == "after_it_acted":
        poll(lambda: _has_acted(held), "the providers have acted")
    return held


def _hold_some_of(victim, step, kinds):
    """The same of acts about one class: in a transaction that holds it only one can be."""
    if "commits" not in step:
        return _hold_all_kinds(victim, step, kinds)
    return poll(lambda: _held_by(victim).keys() & kinds, f"one of the kinds at {step}")


def _all_kinds_in(victim, kinds):
    held = _held_by(victim)
    return held if held.keys() >= kinds else None


def _held_by(victim):
    held = {}
    for line in victim.words().splitlines():
        if line.startswith("stalled "):
            _, _, kind, *ids = line.split()
            held[kind] = [int(each) for each in ids]
    return held


def _has_acted(held):
    counts = witness.journal_counts()
    if registered := held.get("zoom.register"):
        return all(counts.get(("registrant.add", str(each))) for each in registered)
    (deleted,) = held["zoom.delete"]
    meeting = witness.sql(
        "SELECT zoom_meeting_id FROM sessions JOIN effects ON subject = 'class=' || sessions.id"
        " WHERE effects.id = :id",
        id=deleted,
    )
    wanted = [("mail", str(each)) for each in held["email"]]
    wanted += [("meeting.create", str(each)) for each in held["zoom.create"]]
    wanted += [("meeting.update", str(each)) for each in held["zoom.update"]]
    return all(counts.get(each) for each in [*wanted, ("meeting.delete", str(meeting))])


def _wait_until_resolved():
    try:
        poll(_is_resolved, "all is resolved but mails of which nothing can be known")
    except AssertionError as error:
        left = witness.ledger("state IN ('uncertain', 'sending') OR state = 'planned' AND " + WAITS)
        shown = [
            (row.id, row.kind, row.state, row.reason, witness.mails_of(row.id)) for row in left
        ]
        raise AssertionError(f"{error}; left: {shown}") from error


def _is_resolved():
    """Nothing is due or in hand, and what is uncertain is mail that SendGrid never got."""
    unclear = witness.ledger("state = 'uncertain'")
    return not witness.count("state = 'sending' OR state = 'planned' AND " + WAITS) and all(
        row.kind == "email" and not witness.mails_of(row.id) for row in unclear
    )


def _check_mails(held):
    """Each mail that was in hand is sent, once; or uncertain, and SendGrid never got it."""
    states = {row.id: row.state for row in witness.ledger("kind = 'email'")}
    for step, kinds in held.items():
        for effect_id in kinds["email"]:
            found = states[effect_id], witness.mails_of(effect_id)
            assert found in {("sent", 1), ("uncertain", 0)}, f"{step}: mail {effect_id} is {found}"
    told_apart = {states[held[step]["email"][0]] for step in ("before_the_call", "after_it_acted")}
    assert told_apart == {"uncertain", "sent"}


def _check_meetings():
    # A listener may plan a registration after everything before it was resolved.
    unfinished = "kind LIKE 'zoom.%' AND state NOT IN ('sent', 'cancelled')"
    poll(lambda: not witness.ledger(unfinished), "every act at Zoom is finished")
    for step in STEPS:
        assert len(witness.meetings_at_zoom(f"New {step}")) == 1, step
        assert len(witness.meetings_at_zoom(f"Renamed {step}")) == 1, step
        assert not witness.meetings_at_zoom(f"Moved {step}"), step
        assert not witness.meetings_at_zoom(f"Ended {step}"), step
