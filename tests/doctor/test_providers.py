"""What the doctor says of each provider's credentials, asked through the real clients."""

import socket

import pytest

from ffapp.doctor import examine
from ffapp.doctor.findings import Mark
from ffapp.providers import registry
from tests.processes.child import free_port

LOOKS = {provider.key: examine._ask(provider) for provider in registry.PROVIDERS}


@pytest.fixture
def clients(context, settings, app):
    """Builds the clients anew, with other settings or another network; as before afterwards."""
    before = [provider.client.current() for provider in registry.PROVIDERS]
    network = {each.settings.key: _inner(each) for each in before}

    def build(settings, **transports):
        registry.build(settings, {**network, **transports})

    yield build
    for each in before:
        each.use()


def _inner(client):
    return client.http._transport.inner


def only(findings):
    (finding,) = findings
    return finding


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("zoom", "grants every scope that we need"),
        ("sendgrid", "takes the key, which may send mail"),
        ("aisensy", "takes the key and knows all"),
    ],
)
def test_credentials_that_are_taken_are_well(context, settings, provider, words):
    said = only(LOOKS[provider](settings))

    assert said.mark is Mark.OK
    assert words in said.says
    assert said.what.endswith(" (simulated)")


@pytest.mark.parametrize(
    ("provider", "wrong", "words"),
    [
        ("zoom", {"client_secret": "x"}, "Check ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET"),
        ("sendgrid", {"api_key": "SG.x"}, "SendGrid does not take SENDGRID_API_KEY"),
        ("aisensy", {"api_key": "x"}, "AISENSY_API_KEY"),
    ],
)
def test_credentials_that_are_refused_are_wrong(clients, settings, provider, wrong, words):
    mistaken = settings.with_provider(settings.providers[provider].changed(**wrong))
    clients(mistaken)

    said = only(LOOKS[provider](mistaken))

    assert said.mark is Mark.WRONG
    assert words in said.says


@pytest.mark.parametrize("provider", LOOKS)
def test_one_that_cannot_be_reached_is_wrong_and_its_address_is_named(clients, settings, provider):
    nowhere = f"http://127.0.0.1:{free_port()}"
    moved = {"base_url": nowhere} | ({"token_url": nowhere} if provider == "zoom" else {})
    elsewhere = settings.with_provider(settings.providers[provider].changed(**moved))
    clients(elsewhere, **{provider: None})

    said = only(LOOKS[provider](elsewhere))

    assert said.mark is Mark.WRONG
    assert "could not be reached. Its simulator should answer at " + nowhere in said.says


def test_one_that_hangs_is_left_after_a_deadline(clients, settings, hanging):
    real = settings.providers["aisensy"].changed(base_url=hanging, simulated=False)
    hasty = settings.with_provider(real).changed(provider_deadline_seconds=0.3)
    clients(hasty, aisensy=None)

    said = only(LOOKS["aisensy"](hasty))

    assert said.mark is Mark.WRONG
    assert f"Look whether {hanging} can be reached" in said.says


@pytest.fixture
def hanging():
    """An address where somebody listens and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
