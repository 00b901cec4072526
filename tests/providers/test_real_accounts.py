"""The same checks against the simulator, always, and against the real provider where
`LIVE_…` variables are set: each variable of the provider with that prefix, such as
`LIVE_ZOOM_ACCOUNT_ID`. Nothing is sent to anybody. A registered provider is in by itself."""

import os

import pytest

from ffapp.core.environment import SettingError
from ffapp.providers.kit.settings import Simulation
from ffapp.providers.registry import PROVIDERS
from ffapp.providers.sendgrid import wire as mail_wire
from ffapp.providers.sendgrid.provider import SENDGRID

# The body of a mail as SendGrid's OpenAPI has it (twilio/sendgrid-oai, tsg_mail_v3.yaml), with
# sandbox_mode: everything is checked, nothing is delivered, and the answer is 200 and empty.
SANDBOXED = {
    "personalizations": [{"to": [{"email": "asha@example.com"}]}],
    "subject": "A test",
    "content": [{"type": "text/plain", "value": "Nobody gets this."}],
    "mail_settings": {"sandbox_mode": {"enable": True}},
}


def live_client(provider):
    """The provider's client with the credentials of `LIVE_…`; skips where there are none."""
    names = provider.settings.variables()
    found = {name: os.environ.get(f"LIVE_{name}", "") for name in names}
    mode = f"{provider.key.upper()}_MODE"
    if not any(found.values()):
        pytest.skip(f"LIVE_{provider.key.upper()}_… is not set: {provider.title} is not asked")
    try:
        own = provider.settings.read_own(
            {**found, mode: "real"}, Simulation("http://simulators.test", "not used")
        )
    except SettingError as error:
        pytest.fail(f"LIVE_ variables are incomplete: {error}")
    return provider.client(own, None)


@pytest.fixture(params=["simulator", "live"])
def client_of(request, context):
    """Provider → its client, of the simulator or with the credentials of `LIVE_…`."""
    if request.param == "live":
        return live_client
    return lambda provider: provider.client.current()


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.key)
def test_the_credentials_are_taken(client_of, provider):
    assert client_of(provider).check()


def test_a_mail_in_the_sandbox_is_checked_and_not_sent(client_of):
    client = client_of(SENDGRID)
    sender = {"email": client.settings.from_email}

    answer = client.call("POST", mail_wire.SEND_PATH, json={**SANDBOXED, "from": sender})

    assert (answer.status_code, answer.content) == (200, b"")
