"""What `ffapp doctor` is told about the key and the campaigns at AiSensy."""

import json

import httpx
import pytest

from ffapp.core.config import SettingError
from ffapp.core.outcomes import Refused, Unavailable
from ffapp.providers.aisensy.client import AiSensyClient


def test_the_check_says_that_key_and_campaigns_work(aisensy, phone) -> None:
    assert aisensy.check() == "AiSensy takes the key and knows all 14 campaigns."
    assert phone() == []


def test_the_check_of_one_campaign_for_all(settings, answering) -> None:
    alone = settings.providers["aisensy"].changed(campaign_name="one_for_all")
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return httpx.Response(200, json={"data": {"requestBody": {"templateParams": ["a", "b"]}}})

    client = AiSensyClient(alone, httpx.MockTransport(answer))

    assert client.check() == "AiSensy takes the key and knows the campaign."
    assert asked == [{"apiKey": alone.api_key, "campaignName": "one_for_all"}]


@pytest.mark.parametrize(
    ("status", "answer", "outcome", "says"),
    [
        (401, {"json": {"message": "Unauthorized"}}, Refused, "AISENSY_API_KEY"),
        (400, {"json": {"message": "Campaign does not exist."}}, Refused, "“class_cancelled”"),
        (200, {"json": {"success": "false"}}, Refused, "refused with 200"),
        (
            200,
            {"json": {"requestBody": {"templateParams": ["a"]}}},
            Refused,
            "another number of parameters \\(1\\) than we send \\(5\\)",
        ),
        (200, {"html": "<h1>maintenance</h1>"}, Unavailable, "not answering properly"),
        (500, {}, Unavailable, "not answering properly"),
        (503, {}, Unavailable, "not answering properly"),
        (429, {}, Unavailable, "slow down"),
    ],
)
def test_the_check_says_what_is_wrong(answering, status, answer, outcome, says) -> None:
    with pytest.raises(outcome, match=says):
        answering(status, **answer).check()


def test_a_description_that_says_nothing_of_parameters_is_no_fault(answering) -> None:
    assert answering(200, json={"success": "true"}).check().endswith("knows all 14 campaigns.")


def test_settings_that_cannot_work_stop_the_start(settings) -> None:
    wrong = settings.providers["aisensy"].changed(campaigns={"class_mooved": "x"})

    with pytest.raises(SettingError, match="class_mooved"):
        AiSensyClient(wrong)
