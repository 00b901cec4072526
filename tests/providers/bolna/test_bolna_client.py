"""The client against the simulated Bolna, and against answers that it may meet in life."""

from datetime import timedelta

import pytest

from ffapp.core import clock
from ffapp.core.outcomes import Refused, Unavailable, Unclear
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.simulator import scenarios
from ffapp.providers.simulating import store
from tests.providers import receiver

HOUR = timedelta(hours=1)


def test_a_call_is_placed_read_and_found_by_our_effect(bolna, request_to):
    request = request_to()
    execution_id = bolna.place(request)

    found = bolna.get(execution_id)

    assert found.status == wire.COMPLETED
    assert found.effect_id == "42"
    assert found.phone == request.phone
    now = clock.now()
    assert [each.id for each in bolna.find(request, now - HOUR, now + HOUR)] == [execution_id]
    assert bolna.find(request_to(effect_id="43"), now - HOUR, now + HOUR) == []


def test_pages_of_the_list_are_read_to_the_end(bolna, request_to):
    ids = [bolna.place(request_to(effect_id=str(number))) for number in range(60)]
    now, agent_id = clock.now(), request_to().agent_id

    listed = [row["id"] for row in bolna.executions(agent_id, now - HOUR, now + HOUR)]

    assert sorted(listed) == sorted(ids)


def test_only_what_waits_can_be_stopped(bolna, request_to, settings, monkeypatch):
    with pytest.raises(Refused, match="Call is not queued or scheduled"):
        bolna.stop(bolna.place(request_to()))
    monkeypatch.setattr(store, "delay", lambda what, low, high: low)
    waiting = bolna.place(request_to("+919876503503"))

    bolna.stop(waiting)

    assert bolna.get(waiting).status == wire.STOPPED


def test_a_recording_is_a_sound_that_plays(bolna, request_to):
    found = bolna.get(bolna.place(request_to()))

    content, kind = bolna.recording(found.recording_url)

    assert kind == "audio/wav"
    assert content[:4] == b"RIFF"
    assert content[8:12] == b"WAVE"


@pytest.mark.parametrize(
    "url", ["http://elsewhere.example/x", "https://api.bolna.ai.evil.example/x", "http://[", "/x"]
)
def test_a_recording_elsewhere_is_not_fetched(bolna, url):
    with pytest.raises(Refused, match="not its own"):
        bolna.recording(url)


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (400, {"error": 1001, "message": "agent_id is required"}, "agent_id is required"),
        (404, {"message": "Batch is not queued or running"}, "Batch is not queued or running"),
        (403, {"detail": "Only verified numbers"}, "Only verified numbers"),
        (422, {"detail": [{"loc": ["body"], "msg": "field required"}]}, "field required"),
        (404, {"error": "Agent not found"}, "Agent not found"),
    ],
)
def test_each_shape_of_an_error_is_read(answering, request_to, status, answer, words):
    with pytest.raises(Refused, match=words):
        answering(status, json=answer).place(request_to())


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (403, {"detail": "Unrecognized access token"}),
        (401, {"error": 401, "message": "Access denied"}),
    ],
)
def test_a_wrong_key_is_named_by_its_variable(answering, request_to, status, answer):
    client = answering(status, json=answer)

    for ask in (client.check, lambda: client.place(request_to())):
        with pytest.raises(Refused, match="BOLNA_API_KEY"):
            ask()


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "json": {"message": "x"}},
        {"status": 503, "html": "<h1>down</h1>"},
        {"status": 200, "html": "<h1>hello</h1>"},
        {"status": 200, "json": {"message": "done", "status": "queued"}},
        {"status": 200, "json": {"execution_id": ["x"]}},
    ],
)
def test_an_answer_without_an_id_leaves_it_open_whether_bolna_calls(answering, request_to, answer):
    status = answer.pop("status")

    with pytest.raises(Unclear):
        answering(status, **answer).place(request_to())


def test_too_many_requests_wait(answering, request_to):
    with pytest.raises(Unavailable) as caught:
        answering(429, json={}, headers={"Retry-After": "7"}).place(request_to())

    assert caught.value.retry_at is not None


@pytest.mark.parametrize("broken", [[], {"data": None}, {"data": "x"}, None])
def test_a_list_that_cannot_be_read_proves_nothing(answering, request_to, broken):
    now = clock.now()

    with pytest.raises(Unavailable):
        answering(200, json=broken).find(request_to(), now - HOUR, now)


def test_a_call_whose_answer_was_lost_is_in_the_list(bolna, request_to):
    store.set_switch(scenarios.PROVIDER, "fault", {"kind": "drop_after", "times": 1})

    with pytest.raises(Unclear):
        bolna.place(request_to())

    now = clock.now()
    assert len(bolna.find(request_to(), now - HOUR, now + HOUR)) == 1
    assert len(receiver.journal("bolna", "call")) == 1


def test_the_key_is_checked_without_a_call(bolna):
    assert bolna.check() == "Bolna takes the key."
    assert receiver.journal("bolna") == []
