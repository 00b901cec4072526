"""Zoom validates our webhook address: at the start, every 72 hours, and by a button."""

import flask
import httpx
import pytest

from ffapp import simulators
from ffapp.providers.simulating import addresses, callbacks
from ffapp.providers.zoom.simulator import events
from tests.conftest import OutsideTransport
from tests.providers.receiver import promised


@pytest.fixture(autouse=True)
def _checks(monkeypatch, settings) -> None:
    monkeypatch.setattr(addresses, "_checked_at", {})
    simulators.register_deliveries(settings)


def answers() -> list[object]:
    return [answer for row in promised() for answer in row.answers]


def test_our_own_address_answers_rightly(app) -> None:
    events.validate_address()
    with callbacks.posting_through(OutsideTransport(app)):
        callbacks.deliver()
    assert answers() == [200]


@pytest.mark.parametrize("answer", [{"plainToken": "x", "encryptedToken": "y"}, [], None])
def test_another_answer_is_a_wrong_one(answer) -> None:
    events.validate_address()
    told = httpx.Response(200, json=answer) if answer is not None else httpx.Response(200)
    with callbacks.posting_through(httpx.MockTransport(lambda request: told)):
        callbacks.deliver()
    assert answers() == ["a wrong answer"]


def test_at_the_start_and_every_three_days(business_clock) -> None:
    with callbacks.posting_through(httpx.MockTransport(lambda request: httpx.Response(503))):
        for hours in (0, 1, 70, 1):
            business_clock.forward(hours=hours)
            callbacks.sweep(0)
    assert [row.event for row in promised()] == ["endpoint.url_validation"] * 2


def test_by_a_button_and_when_the_address_is_set(settings) -> None:
    pages = simulators.create_control(settings).test_client()
    assert pages.post("/faults/zoom/validate").status_code == 303
    assert (
        pages.post("/faults/zoom/webhook", data={"url": "https://x.example/z"}).status_code == 303
    )
    assert [row.event for row in promised()] == ["endpoint.url_validation"] * 2
    page = pages.get("/faults").text
    assert "https://x.example/z" in page
    assert "Validate it now" in page
    wrong = pages.post("/faults/zoom/webhook", data={"url": "x"}, follow_redirects=True)
    assert "begins with http" in wrong.text
    assert isinstance(flask.json.loads(promised()[0].body)["payload"]["plainToken"], str)
    assert pages.post("/faults/sendgrid/validate").status_code == 404
