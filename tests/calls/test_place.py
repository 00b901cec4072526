"""A call from the request to its end, through the ledger and the simulated Bolna."""

import pytest

from ffapp.calls.models import CallLog
from ffapp.calls.request import request_call
from ffapp.calls.states import states_of_calls
from ffapp.core.db import FieldError, db, transaction
from ffapp.ledger.models import State
from ffapp.messaging.models import SuppressionReason
from ffapp.messaging.suppression import suppress
from ffapp.people.consent import Purpose
from ffapp.people.consent_records import record_consent
from ffapp.people.models import Guardian
from ffapp.providers.bolna import wire

from .calling import NUMBER, effect_of, ending, fresh, placed


def test_a_call_that_is_answered_brings_all_that_bolna_knows(call):
    made = call()

    assert effect_of(made).state == State.SENT
    assert made.status == wire.COMPLETED
    assert made.phone == NUMBER
    assert 15 <= made.seconds <= 140
    assert made.cost_micros > 0
    assert made.transcript.startswith("assistant: Namaste Asha")
    assert made.ended_at is not None
    assert made.ask_at is None
    (act,) = placed()
    assert act.effect_id == str(made.effect_id)
    assert act.facts["variables"] == {
        "callee_name": "Asha",
        "student_name": "Asha",
        "script": "Standard call",
        wire.EFFECT: str(made.effect_id),
    }


@pytest.mark.parametrize(
    ("digits", "state", "problem"),
    [
        ("603603", "hung-up", None),
        ("777777", "voicemail", None),
        ("404404", "failed", "Call recipient number invalid"),
        ("500500", "error", "Internal error while starting the call"),
        ("902902", "balance-low", None),
        ("303303", "completed", None),
        ("202202", "completed", None),
        ("418418", "completed", None),
    ],
)
def test_each_end_has_its_state(call, digits, state, problem):
    made = call(ending(digits))

    assert states_of_calls([made.id]) == {made.id: state}
    assert made.problem == problem
    assert len(placed()) == 1


def test_a_busy_line_is_tried_three_times_and_then_no_more(call, noon, worker):
    first = call(ending("486486"))
    for _ in range(6):
        noon.forward(hours=1)
        worker.drain()

    tries = db.session.query(CallLog).order_by(CallLog.id).all()
    assert [each.attempt for each in tries] == [1, 2, 3]
    assert {each.first_id for each in tries} == {None, first.id}
    assert {each.status for each in tries} == {wire.BUSY}
    assert len(placed()) == 3


def test_a_second_call_waits_for_the_end_of_the_first(cast, call):
    call(ending("999999"))

    with pytest.raises(FieldError, match="Asha Rao is being called already"):
        transaction(request_call, cast.asha, "Standard call", cast.admin)


def test_without_consent_nobody_is_called(cast, noon):
    with pytest.raises(FieldError, match="Kabir Shah has nobody’s consent to calls"):
        transaction(request_call, cast.kabir, "Standard call", cast.admin)


def test_a_refusal_between_the_request_and_the_call_withholds_it(cast, call, worker):
    made = call(drain=False)
    guardian = db.session.query(Guardian).filter_by(student_id=cast.asha.id).one()
    transaction(record_consent, guardian, Purpose.CALLS, False, cast.admin)
    worker.drain()

    effect = effect_of(made)
    assert effect.state in (State.WITHHELD, State.CANCELLED)
    assert placed() == []


@pytest.mark.parametrize(
    ("cause", "count"), [(SuppressionReason.NO_WHATSAPP, 1), (SuppressionReason.OPTED_OUT, 0)]
)
def test_who_wrote_stop_is_not_called_and_who_has_no_whatsapp_is(call, noon, cause, count):
    transaction(suppress, NUMBER, cause, "So it is.", noon.now)

    call()

    assert len(placed()) == count


def test_a_refusal_stops_a_call_in_bolnas_queue(cast, call, worker, slow_bolna):
    made = call(ending("503503"))
    assert made.status == wire.QUEUED
    guardian = db.session.query(Guardian).filter_by(student_id=cast.asha.id).one()
    transaction(record_consent, guardian, Purpose.CALLS, False, cast.admin)
    worker.drain()

    assert fresh(made).status == wire.STOPPED


def test_of_a_child_without_a_telephone_the_guardian_is_called(cast, call):
    guardian = db.session.query(Guardian).filter_by(student_id=cast.asha.id).one()
    guardian.phone = "+919876543299"

    made = call(None)

    assert made.guardian_id == guardian.id
    assert placed()[0].recipient == "+919876543299"
    assert placed()[0].facts["variables"]["callee_name"] == guardian.first_name
