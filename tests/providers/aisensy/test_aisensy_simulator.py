"""The simulated AiSensy as a stranger's HTTP client meets it."""

import json
import uuid

import pytest

from ffapp.providers.aisensy.simulator import messages, scenarios
from ffapp.providers.aisensy.simulator.app import SIMULATOR
from ffapp.providers.simulating import store
from tests.providers import receiver

from .conftest import NUMBER, message

SEND = "/campaign/t1/api/v2"
DETAILS = "/campaign/t1/api/campaign-details"
CREDITS = "Insufficient WhatsApp Conversation Credits (WCC)!"
STATUSES = ["sent", "delivered", "read"]
PLAN = "No Plan active on assistant!"


def journal(act: str = "whatsapp") -> list:
    return receiver.journal("aisensy", act)


def compact(body: dict) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def test_a_yes_has_two_keys_and_a_word_for_true(simulator, body) -> None:
    answer = simulator.post(SEND, json=body)

    assert answer.status_code == 200
    assert list(answer.json) == ["success", "submitted_message_id"]
    assert answer.json["success"] == "true"
    assert uuid.UUID(answer.json["submitted_message_id"]).version == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"campaignName": "class_sheduled"}, "Campaign does not exist."),
        ({"templateParams": ["Asha"]}, "Template params does not match the campaign"),
        ({"templateParams": ["a"] * 6}, "Template params does not match the campaign"),
        ({"destination": "12345"}, "Invalid Number"),
        ({"destination": ""}, "Invalid Number"),
        ({"destination": "+919876400400"}, "Invalid Number"),
    ],
)
def test_a_fault_of_the_message_in_one_key(simulator, body, change, words) -> None:
    answer = simulator.post(SEND, json=body | change)

    assert (answer.status_code, answer.data) == (400, compact({"message": words}))
    assert journal() == []
    assert journal("whatsapp.refused")[0].status == 400


def test_a_wrong_key_is_refused(simulator, body) -> None:
    for path in (SEND, DETAILS):
        answer = simulator.post(path, json=body | {"apiKey": "other"})
        assert (answer.status_code, answer.json) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize("path", ["/campaign/t1/api/v3", "/campaign/other/api/v2", "/"])
def test_an_address_that_is_not_served(simulator, path) -> None:
    answer = simulator.post(path)

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert f"Cannot POST {path}" in answer.text


def test_campaign_details_say_what_a_campaign_takes(simulator, body) -> None:
    answer = simulator.post(DETAILS, json=body)

    places = ["{{1}}", "{{2}}", "{{3}}", "{{4}}", "{{5}}"]
    assert answer.json == {"success": "true", "requestBody": {"templateParams": places}}
    unknown = simulator.post(DETAILS, json=body | {"campaignName": "x"})
    assert (unknown.status_code, unknown.json) == (400, {"message": "Campaign does not exist."})
    assert journal() == []


def test_the_journal_holds_the_message_as_its_reader_sees_it(aisensy) -> None:
    submitted = aisensy.send(message())

    (row,) = journal()
    assert (row.recipient, row.effect_id, row.status) == (NUMBER, "42", 200)
    assert row.facts["text"].startswith("Hello Asha, Pricing of Winter 2026 is on Sat 5 Dec")
    assert row.facts["campaign"] == "class_scheduled"
    assert row.facts["params"][1] == "Pricing"
    assert row.facts["name"] == "Asha Rao"
    assert row.facts["submitted_message_id"] == submitted
    assert [step["status"] for step in row.facts["steps"]] == ["SENT", "DELIVERED", "READ"]


@pytest.mark.parametrize(
    ("destination", "number"),
    [
        ("+919876543210", "+919876543210"),
        ("+91 98765-43210", "+919876543210"),
        ("+971501234567", "+971501234567"),
        ("+1234", None),
        ("98765", None),
        ("asha", None),
        ("", None),
        ("+91987654321012345", None),
    ],
)
def test_which_number_a_destination_means(destination, number) -> None:
    assert messages.read_number(destination) == number


def test_the_wallet_can_be_empty_for_one_number(simulator, body) -> None:
    answer = simulator.post(SEND, json=body | {"destination": "+919876402402"})

    assert (answer.status_code, answer.json["errorMessage"]) == (402, CREDITS)
    assert simulator.post(SEND, json=body).status_code == 200


def test_every_magic_number_on_the_overview_can_be_typed(settings) -> None:
    shown = [each.example for each in SIMULATOR.magic]

    read = [messages.read_number(example) for example in shown]
    assert None not in read
    words = {scenarios.scenario_of(number).word for number in read}
    assert {scenario.word for scenario in scenarios.SPECIAL} <= words
    assert len(shown) == len(set(shown))


def test_who_wrote_stop_gets_nothing_until_they_write_start(simulator, body) -> None:
    messages.write_back(NUMBER, "Asha", " Stop ")
    simulator.post(SEND, json=body)
    messages.write_back(NUMBER, "Asha", "START")
    simulator.post(SEND, json=body)

    assert [row.facts["scenario"] for row in journal()] == ["opted out", "read"]


def test_the_old_path_sends_as_well(simulator, body) -> None:
    answer = simulator.post("/campaign/t1/api", json=body)

    assert (answer.status_code, answer.json["success"]) == (200, "true")
    assert len(journal()) == 1


def test_contact_topics_are_posted_where_they_are_chosen(simulator, body) -> None:
    body |= {"tags": ["winter"], "attributes": {"city": "Pune"}}
    simulator.post(SEND, json=body | {"destination": "+919876543211"})
    assert not [row.event for row in receiver.promised() if "contact" in row.event]

    store.set_switch("aisensy", "contact_topics", True)
    for _ in range(2):
        simulator.post(SEND, json=body)

    rows = [row for row in receiver.promised() if "contact" in row.event]
    assert [row.event for row in rows] == [
        "contact.created",
        "contact.tag.updated",
        "contact.attribute.revised",
        *(f"contact.campaign.{status} {status.upper()}" for status in STATUSES * 2),
    ]
    created = json.loads(rows[0].body)["data"]
    assert list(created) == ["contact"]
    assert created["contact"]["phone_number"] == "919876543210"
    assert set(json.loads(rows[3].body)["data"]) == {"contact", "message"}
