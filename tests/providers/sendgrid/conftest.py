"""A SendGrid of our own, empty, and the programme's webhook receiver as a list of what came in."""

from collections.abc import Iterator
from typing import Any

import flask
import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from ffapp.core import config
from ffapp.providers.sendgrid.client import Mail, Recipient, SendGridClient
from ffapp.providers.sendgrid.simulator.app import create_simulator
from ffapp.providers.sendgrid.simulator.messages import delivery_policy
from tests.providers import receiver


class Receiver(receiver.Receiver):
    def deliver(self) -> list[dict[str, Any]]:
        """Post what is due until nothing is; answers all events, in the order of arrival."""
        return [row for rows in super().deliver() for row in rows]


@pytest.fixture(autouse=True)
def empty_store(settings: config.Settings, clean: None) -> None:
    """Each test begins and ends with nothing sent."""


@pytest.fixture
def simulator(settings: config.Settings) -> FlaskClient:
    return create_simulator(settings).test_client()


@pytest.fixture
def network(settings: config.Settings) -> httpx.WSGITransport:
    mounts = {"/sendgrid": create_simulator(settings)}
    return httpx.WSGITransport(DispatcherMiddleware(flask.Flask("nothing"), mounts))


@pytest.fixture
def sendgrid(settings: config.Settings, network: httpx.WSGITransport) -> SendGridClient:
    return SendGridClient(settings.providers["sendgrid"], network)


@pytest.fixture(name="receiver")
def _receiver(settings: config.Settings) -> Iterator[Receiver]:
    with Receiver().listening_to("sendgrid", delivery_policy(settings)) as found:
        yield found


@pytest.fixture
def key(settings: config.Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {settings.providers['sendgrid'].api_key}"}


def mail(*emails: str, **changes: Any) -> Mail:
    """A mail to these addresses, whose effects are 1, 2, …"""
    recipients = [
        Recipient(email, f"Person {number}", str(number), {"-first_name-": f"P{number}"})
        for number, email in enumerate(emails, 1)
    ]
    values: dict[str, Any] = {
        "subject": "Hello -first_name-",
        "text": "Dear -first_name-, see you.",
        "html": "<p>Dear <b>-first_name-</b></p>",
        "recipients": recipients,
    }
    return Mail(**{**values, **changes})


@pytest.fixture
def body(settings: config.Settings) -> dict[str, Any]:
    """A mail/send body that SendGrid takes."""
    return {
        "from": {"email": settings.providers["sendgrid"].from_email},
        "personalizations": [{"to": [{"email": "asha@example.com"}]}],
        "subject": "Hello",
        "content": [{"type": "text/plain", "value": "See you."}],
    }
