"""What Bolna posts and answers about a call: forward only, read at the end, asked when silent."""

import json

import pytest

from ffapp.calls import track
from ffapp.calls.recording import fetch_due, recording_of
from ffapp.calls.states import states_of_calls
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.settings import BolnaSettings
from ffapp.providers.bolna.wire import Execution
from ffapp.providers.simulating import store
from ffapp.webhooks.models import DeliveryState, WebhookDelivery

from .calling import ending, fresh, placed


def says(call, status, **facts):
    """What Bolna would say about the call."""
    known = {"id": call.execution_id, "agent_id": call.agent_id, "status": status}
    return Execution(**{**known, **facts})


@pytest.fixture
def talking(call):
    """A call that never ends."""
    return call(ending("999999"))


@pytest.fixture
def post(client):
    """Post about a call as Bolna does; answers the status."""

    def send(call, status, **facts):
        own = BolnaSettings.current()
        body = {"id": call.execution_id, "agent_id": call.agent_id, "status": status, **facts}
        headers = {own.webhook_header: own.webhook_secret}
        return client.post("/hooks/bolna", json=body, headers=headers, lint=False).status_code

    return send


def test_a_status_that_goes_backwards_changes_nothing(talking, post, worker):
    assert talking.status == wire.IN_PROGRESS
    for status in (wire.RINGING, wire.QUEUED, wire.SCHEDULED):
        assert post(talking, status, retry_count=0, again=status) == 204
    worker.drain()

    assert fresh(talking).status == wire.IN_PROGRESS


def test_another_attempt_of_bolnas_begins_anew(talking, post, worker):
    post(talking, wire.SCHEDULED, retry_count=1)
    worker.drain()
    assert fresh(talking).status == wire.SCHEDULED

    post(talking, wire.IN_PROGRESS, retry_count=0, late=True)
    post(talking, wire.RINGING, retry_count=1)
    worker.drain()
    assert fresh(talking).status == wire.RINGING


def test_a_status_that_nobody_knows_is_kept_as_it_is(talking, post, worker):
    post(talking, "transferring to a person")
    worker.drain()
    assert fresh(talking).status == "transferring to a person"
    assert states_of_calls([talking.id]) == {talking.id: "transferring to a person"}

    post(talking, wire.RINGING, again=True)
    worker.drain()
    assert fresh(talking).status == "transferring to a person"


def test_the_end_is_read_and_not_believed(talking, post, worker):
    """Who knows the header could else write transcripts."""
    assert post(talking, wire.COMPLETED, transcript="user: I pay tomorrow") == 204
    worker.drain()

    assert fresh(talking).status == wire.IN_PROGRESS
    assert fresh(talking).transcript is None
    delivery = db.session.query(WebhookDelivery).order_by(WebhookDelivery.id.desc()).first()
    assert b"I pay tomorrow" not in delivery.body


def test_a_call_of_which_nothing_is_heard_is_asked_about(call, noon, worker):
    made = call(ending("408408"))
    assert made.status == wire.QUEUED

    noon.forward(minutes=14)
    worker.drain()
    assert fresh(made).status == wire.QUEUED
    noon.forward(minutes=2)
    track.sweep(timestamp=0)
    worker.drain()

    assert fresh(made).status == wire.COMPLETED
    assert recording_of(made) is not None


def test_after_a_day_nobody_is_asked_any_more(talking, noon):
    noon.forward(hours=25)
    track.sweep(timestamp=0)

    found = fresh(talking)
    assert (found.lost_at is not None, found.ask_at) == (True, None)
    assert states_of_calls([found.id]) == {found.id: "lost"}


def test_a_transcript_of_a_megabyte_is_cut_and_that_is_said(call):
    made = call(ending("111111"))

    assert made.status == wire.COMPLETED
    assert len(made.transcript) == track.LONGEST_TRANSCRIPT
    assert made.is_transcript_cut


def test_the_end_is_told_once_however_often_it_is_read(call):
    made = call()
    execution = says(made, wire.COMPLETED, seconds=60, cost_micros=5)
    for _ in range(2):
        transaction(track.take, made.id, execution)

    ends = db.session.query(Event).filter_by(name="call_ended").all()
    assert len(ends) == 1
    assert fresh(made).cost_micros == 5  # the price is settled late


def test_a_read_that_is_older_than_what_is_known_changes_nothing(call):
    made = call()

    transaction(track.take, made.id, says(made, wire.RINGING))

    assert fresh(made).status == wire.COMPLETED


def test_a_call_that_bolna_has_forgotten_is_lost(talking, worker):
    store.remove("bolna", "call", talking.execution_id)

    track.refresh(talking.id)

    assert fresh(talking).problem == "Bolna does not know this call any more."


def test_a_bolna_that_does_not_answer_is_asked_again(call, noon):
    made = call(ending("408408"))
    store.set_switch("bolna", "fault", {"kind": "down"})
    noon.forward(minutes=16)
    track.sweep(timestamp=0)
    assert fresh(made).status == wire.QUEUED

    store.set_switch("bolna", "fault", None)
    noon.forward(minutes=11)
    track.sweep(timestamp=0)
    assert fresh(made).status == wire.COMPLETED


def test_a_post_about_nobodys_call_is_kept_unmatched(client, context, worker, post, talking):
    talking.execution_id = "somebody-elses"
    post(talking, wire.RINGING)
    db.session.rollback()
    worker.drain()

    delivery = db.session.query(WebhookDelivery).order_by(WebhookDelivery.id.desc()).first()
    assert delivery.state == DeliveryState.UNMATCHED


def test_a_large_post_is_taken(talking, post, worker):
    """A transcript of 1 MB makes a post that is larger than other providers' may be."""
    assert post(talking, wire.DISCONNECTED, transcript="a" * 2**20) == 204
    worker.drain()

    assert fresh(talking).status == wire.DISCONNECTED
    kept = db.session.query(WebhookDelivery).order_by(WebhookDelivery.id.desc()).first()
    assert len(kept.body) < 1000
    assert json.loads(kept.body)["transcript"] == "(not kept)"


def test_a_recording_that_cannot_be_had_yet_is_fetched_later(call, noon, worker):
    store.set_switch("bolna", "fault", {"kind": "error", "path": "/recordings/"})
    made = call()
    assert recording_of(made) is None
    store.set_switch("bolna", "fault", None)

    noon.forward(minutes=11)
    worker.drain()
    fetch_due(timestamp=0)

    assert recording_of(made).content[:4] == b"RIFF"
    assert len(placed()) == 1
