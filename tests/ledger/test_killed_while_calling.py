"""A worker is killed at each step of placing a call; nobody is called twice, and nobody is lost."""

import re

from ffapp.calls.request import request_call
from ffapp.core.db import db, transaction
from ffapp.providers.simulating import store
from tests.calls.calling import daytime_zone
from tests.ledger.pupils import enrolled
from tests.processes import witness
from tests.processes.poll import poll
from tests.processes.stalling_worker import STEPS

FAULTS = {"before_it_acted": "slow", "after_it_acted": "slow_after"}
OF_THE_KILLED = {"PROVIDER_DEADLINE_SECONDS": "20", "WORKER_CONCURRENCY": "8"}
# Bolna has acted by the time the killed worker is found out, whether its answer was read or not.
ACTED = ("before_it_acted", "after_it_acted", "before_the_outcome", "before_the_outcome_commits")
NO_WEBHOOKS = "408408"  # so that only Bolna's list can say what was placed
HELD = re.compile(r"^stalled \w+ call (\d+)$", re.M)
HURRY = (
    "UPDATE effects SET due_at = now() WHERE kind = 'call' AND"
    " (state = 'uncertain' OR state = 'planned' AND reason IS NOT NULL)"
)


def test_a_worker_killed_while_it_calls_leaves_each_called_once(cast, worker, running_app):
    people = {
        step: _callable(cast, step, f"+91987{number}{NO_WEBHOOKS}")
        for number, step in enumerate(STEPS)
    }
    worker.drain()
    victims = {step: running_app.stalling_worker(step, **OF_THE_KILLED) for step in STEPS}

    effects = {}
    for step, victim in victims.items():
        fault = {"kind": FAULTS[step], "seconds": 2} if step in FAULTS else None
        store.set_switch("bolna", "fault", fault)
        call = transaction(request_call, people[step], "Standard call", cast.admin)
        effects[step] = call.effect_id
        running_app.go(step)
        held = poll(lambda victim=victim: HELD.search(victim.words()), f"a call at {step}")
        victim.kill()
        if step in ACTED:
            effect_id = int(held.group(1))  # the oldest that was due, also one of a step before
            poll(lambda each=effect_id: _times(each), f"Bolna has acted at {step}")
    store.set_switch("bolna", "fault", None)
    witness.sql("UPDATE effects SET deadline_at = now() WHERE state = 'sending'")
    witness.sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    running_app.worker()

    poll(_all_are_sent, "every call is placed")
    assert {step: _times(effect_id) for step, effect_id in effects.items()} == dict.fromkeys(
        STEPS, 1
    )
    known = "SELECT count(DISTINCT execution_id) FROM call_logs"
    assert witness.sql(known) == len(STEPS)
    witness.assert_nothing_twice()


def _callable(cast, step, number):
    student = enrolled(cast, step.replace("_", ""))
    student.phone, student.time_zone = number, daytime_zone()
    db.session.commit()
    return student


def _times(effect_id):
    """How often Bolna has called for this effect."""
    return witness.journal_counts().get(("call", str(effect_id)), 0)


def _all_are_sent():
    witness.sql(HURRY)
    return not witness.count("kind = 'call' AND state <> 'sent'")
