"""The simulated Bolna as a stranger's HTTP client meets it, and what it posts."""

import hmac
from datetime import timedelta

import pytest

from ffapp.core import clock
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.simulator import scenarios
from ffapp.providers.simulating import store
from tests.providers import receiver as journal

ANSWERED = ["queued", "initiated", "ringing", "in-progress", "call-disconnected", "completed"]


def call(simulator, body, digits="", **change):
    number = f"+919876{digits}" if digits else body["recipient_phone_number"]
    return simulator.post("/call", json=body | {"recipient_phone_number": number} | change)


def test_a_yes_has_three_keys(simulator, body):
    answer = call(simulator, body)

    assert answer.status_code == 200
    assert list(answer.json) == ["message", "status", "execution_id"]
    assert (answer.json["message"], answer.json["status"]) == ("done", "queued")


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"agent_id": None}, 400, "agent_id is required"),
        ({"recipient_phone_number": ""}, 400, "recipient_phone_number is required"),
        ({"recipient_phone_number": "919876543210"}, 400, "recipient_phone_number is invalid"),
        ({"agent_id": "other"}, 404, "Agent not found"),
        ({"scheduled_at": "2030-01-01T10:00:00Z"}, 500, "Internal Server Error"),
        ({"scheduled_at": "2020-01-01T10:00:00+05:30"}, 400, wire.TOO_SOON),
        ({"scheduled_at": "tomorrow"}, 400, "scheduled_at cannot be parsed"),
        ({"scheduled_at": "2030-01-01T10:00:00"}, 400, "scheduled_at cannot be parsed"),
    ],
)
def test_a_fault_of_the_request(simulator, body, change, status, words):
    answer = simulator.post("/call", json=body | change)

    assert answer.status_code == status
    assert wire.words_in(answer.json) == words
    assert journal.journal("bolna", "call") == []


def test_what_is_no_object_is_answered_with_a_list_of_faults(simulator):
    answer = simulator.post("/call", json=[])

    assert answer.status_code == 422
    assert isinstance(answer.json["detail"], list)


def test_a_wrong_key_is_answered_with_403_or_401(simulator, body):
    wrong = {"Authorization": "Bearer other"}
    answer = simulator.post("/call", json=body, headers=wrong)
    assert (answer.status_code, answer.json) == (403, {"detail": wire.WRONG_KEY})

    store.set_switch("bolna", scenarios.DENIES, True)
    answer = simulator.get("/user/me", headers=wrong)
    assert (answer.status_code, answer.json) == (401, {"error": 401, "message": "Access denied"})


def test_a_trial_account_calls_verified_numbers_only(simulator, body):
    store.set_switch("bolna", scenarios.TRIAL, True)

    answer = call(simulator, body)

    assert answer.status_code == 403
    assert "verified phone numbers" in answer.json["message"]


@pytest.mark.parametrize(
    ("digits", "statuses"),
    [
        ("543210", ANSWERED),
        ("777777", ANSWERED),
        ("486486", [*ANSWERED[:3], "busy"]),
        ("480480", [*ANSWERED[:3], "no-answer"]),
        ("603603", [*ANSWERED[:3], *ANSWERED[4:]]),
        ("404404", ["queued", "initiated", "failed"]),
        ("500500", ["queued", "initiated", "error"]),
        ("902902", ["queued", "balance-low"]),
        ("999999", ANSWERED[:4]),
        ("408408", []),
        ("202202", [each for each in ANSWERED for _ in range(2)]),
        ("303303", ANSWERED[::-1]),
        ("418418", [*ANSWERED[:4], "transferring", *ANSWERED[4:]]),
    ],
)
def test_the_last_digits_choose_what_is_posted(simulator, body, receiver, digits, statuses):
    call(simulator, body, digits)

    assert receiver.statuses() == statuses


def test_each_post_carries_the_configured_header(simulator, body, receiver, own):
    call(simulator, body)
    receiver.deliver()

    for headers, _ in receiver.posts:
        given = {name.lower(): value for name, value in headers.items()}
        assert hmac.compare_digest(given[own.webhook_header.lower()], own.webhook_secret)


def test_only_the_end_has_recording_and_price(simulator, body, receiver):
    call(simulator, body)

    *before, last = receiver.deliver()

    for each in before:
        assert not each["telephony_data"]["recording_url"]
        assert not each["total_cost"]
    assert last["telephony_data"]["recording_url"].endswith(f"/recordings/call/{last['id']}")
    assert last["total_cost"] > 0
    assert isinstance(last["telephony_data"]["duration"], str)
    assert last["context_details"]["recipient_data"] == body["user_data"]


@pytest.mark.parametrize("digits", ["543210", "486486", "480480", "603603", "404404", "902902"])
def test_a_call_takes_30_to_180_seconds(simulator, body, digits, settings, monkeypatch):
    monkeypatch.setattr(store, "delay", store.draw)
    for _ in range(5):
        call(simulator, body, digits)

    for act in journal.journal("bolna", "call"):
        steps = [wire.instant(each["at"]) for each in act.facts["steps"]]
        assert steps == sorted(steps)
        assert timedelta(seconds=30) <= steps[-1] - steps[0] <= timedelta(seconds=180)


def test_a_call_is_scheduled_until_its_time(simulator, body):
    at = (clock.now() + timedelta(hours=1)).isoformat()
    answer = call(simulator, body, scheduled_at=at)
    path = f"/executions/{answer.json['execution_id']}"

    assert simulator.get(path).json["status"] == "scheduled"
    assert simulator.post(f"/call/{answer.json['execution_id']}/stop").json["status"] == "stopped"
    assert simulator.get(path).json["status"] == "stopped"


def test_webhooks_can_be_lost_and_doubled_by_switches(simulator, body, receiver):
    store.set_switch("bolna", "webhooks", {"duplicate": True})
    call(simulator, body, "902902")
    assert receiver.statuses() == ["queued", "queued", "balance-low", "balance-low"]

    store.set_switch("bolna", "webhooks", {"drop": True})
    call(simulator, body, "902902")
    assert len(receiver.deliver()) == 4


def test_the_list_wants_a_range_of_seven_days_at_most(simulator, own):
    path = f"/v2/agent/{own.default_agent_id}/executions"

    assert simulator.get(path).status_code == 400
    far = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-09T00:00:00Z"}
    assert simulator.get(path, query_string=far).status_code == 400


def test_the_agents_are_a_bare_array(simulator, own):
    agents = simulator.get("/v2/agent/all").json

    assert [each["id"] for each in agents] == list(own.agents.values())
