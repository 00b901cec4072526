"""`ffapp simulators`, and where the simulated providers post."""

import json

import httpx
import pytest
from click.testing import CliRunner

from ffapp.cli import main
from ffapp.providers.simulating import addresses, callbacks, store
from tests.providers.receiver import due_callbacks, promised


@pytest.fixture(autouse=True)
def _within(settings, clean, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    for name in ("SECRET_KEY", "PUBLIC_URL", "SIMULATORS_URL", "SIMULATOR_SPEED"):
        monkeypatch.setenv(name, str(getattr(settings, name.lower())))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["simulators", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_everything_that_a_client_and_a_receiver_need(settings) -> None:
    found = {each["provider"]: each for each in json.loads(run("--json"))}

    assert set(found) == {"zoom", "sendgrid", "aisensy", "bolna"}
    for key, each in found.items():
        own = settings.providers[key]
        assert each["base_url"] == own.base_url
        assert each["webhook"]["url"] == f"http://localhost/hooks/{key}"
        assert each["webhook"]["verified_with"][0] in each["variables"]
        assert each["magic"]
    assert (
        found["zoom"]["variables"]["ZOOM_CLIENT_SECRET"] == settings.providers["zoom"].client_secret
    )
    assert "SENDGRID_WEBHOOK_PUBLIC_KEY=MFkw" in run()


def test_webhooks_go_where_somebody_wants_them(settings, app) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(204)

    run("--webhook", "sendgrid=https://receiver.example/in?x=1")
    with callbacks.posting_through(httpx.MockTransport(answer)):
        for _ in range(2):
            callbacks.schedule("sendgrid", "processed", b"[]", headers={})
            callbacks.deliver()
            addresses.set_address("sendgrid", "")
    assert seen == ["https://receiver.example/in?x=1", "http://localhost/hooks/sendgrid"]
    assert due_callbacks() == []


@pytest.mark.parametrize("value", ["zoom=ftp://x", "zoom=nonsense", "paypal=https://x.example"])
def test_what_is_no_address_is_refused(value) -> None:
    assert CliRunner().invoke(main, ["simulators", "--webhook", value]).exit_code == 1
    assert store.switch_values() == {}
    assert promised() == []
