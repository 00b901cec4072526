"""A call whose answer was lost: never repeated blindly, found in Bolna's list, strays stopped."""

import pytest

from ffapp.calls.place import VISIBLE_AFTER
from ffapp.calls.stop import stop_strays
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger.models import State
from ffapp.ledger.reconcile import reconcile
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.client import BolnaClient, CallRequest
from ffapp.providers.simulating import store

from .calling import effect_of, ending, fresh, placed


def lose_answers(kind="drop_after", times=1):
    store.set_switch("bolna", "fault", {"kind": kind, "times": times, "path": "/call"})


@pytest.mark.parametrize("kind", ["drop_after", "error"])
def test_a_lost_answer_is_resolved_from_the_list_and_not_repeated(call, noon, worker, kind):
    lose_answers(kind)
    made = call(ending("408408"), drain=False)  # whose webhooks are lost as well
    worker.drain()
    assert effect_of(made).state == State.UNCERTAIN

    noon.forward(seconds=VISIBLE_AFTER.total_seconds() + 1)
    reconcile()
    worker.drain()

    noon.forward(minutes=5)  # where nothing was placed, it is tried again
    worker.drain()
    assert effect_of(made).state == State.SENT
    assert fresh(made).execution_id is not None
    assert len(placed()) == 1


def test_a_webhook_settles_what_nobody_knew(call, worker):
    lose_answers()
    made = call()

    assert effect_of(made).state == State.SENT
    assert fresh(made).status == wire.COMPLETED
    assert len(placed()) == 1


def test_a_list_that_cannot_be_read_leaves_it_uncertain(call, noon, worker):
    lose_answers()
    made = call(ending("408408"), drain=False)
    worker.drain()
    store.set_switch("bolna", "fault", {"kind": "down"})
    noon.forward(minutes=10)
    reconcile()

    assert effect_of(made).state == State.UNCERTAIN
    assert len(placed()) == 1


def test_a_second_call_in_bolnas_queue_is_stopped(call, slow_bolna, worker):
    made = call(ending("503503"))
    first = made.execution_id
    again = CallRequest(made.agent_id, made.phone, str(made.effect_id), {})
    db.session.rollback()
    stray = BolnaClient.current().place(again)
    db.session.rollback()

    stop_strays(effect_id=made.effect_id)

    assert BolnaClient.current().get(stray).status == wire.STOPPED
    assert BolnaClient.current().get(first).status == wire.QUEUED
    told = db.session.query(Event).filter_by(name="stray_calls_found").one()
    assert (told.facts["count"], told.facts["stopped"]) == (1, 1)


def test_it_is_looked_for_strays_after_an_unclear_end(call, noon, worker):
    lose_answers()
    call(drain=False)
    worker.drain()

    locks = db.session.execute(
        db.text(
            "SELECT queueing_lock FROM procrastinate_jobs WHERE task_name = 'calls.stop_strays'"
        )
    ).scalars()
    assert len(set(locks)) == 2


def test_bolna_down_before_it_acted_is_tried_again(call, noon, worker):
    store.set_switch("bolna", "fault", {"kind": "limited", "times": 1})
    made = call()
    assert effect_of(made).state == State.PLANNED

    noon.forward(minutes=5)
    worker.drain()

    assert effect_of(made).state == State.SENT
    assert len(placed()) == 1


def test_a_wrong_key_fails_with_the_name_of_the_variable(call):
    store.set_switch("bolna", "fault", {"kind": "unauthorised"})

    effect = effect_of(call())

    assert effect.state == State.FAILED
    assert "BOLNA_API_KEY" in effect.reason
