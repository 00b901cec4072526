"""What every registered provider keeps to, the next one included."""

import ast
from pathlib import Path

import pytest

from ffapp import simulators
from ffapp.core.config import SettingError
from ffapp.core.db import db
from ffapp.core.outcomes import ProviderError
from ffapp.providers import registry
from ffapp.providers.simulating import store
from ffapp.webhooks.models import DeliveryState, WebhookDelivery, WebhookRefusal

BODY = b'[{"event": "something.new"}]'  # signed by the provider, and nothing that we know
FOLDER = Path(registry.__file__).parent
KEYS = [provider.key for provider in registry.PROVIDERS]
SIGNING = [each.key for each in registry.PROVIDERS if each.webhook and each.webhook.covers_body]
POSTING = [provider.key for provider in registry.PROVIDERS if provider.webhook]


@pytest.fixture
def provider(request):
    return next(each for each in registry.PROVIDERS if each.key == request.param)


@pytest.fixture
def simulator(provider):
    return next(each for each in simulators.all_simulators() if each.key == provider.key)


@pytest.fixture
def signed(simulator, settings):
    """The headers with which the simulated provider posts BODY."""
    return simulator.delivery(settings).sign(BODY)


@pytest.mark.parametrize("provider", POSTING, indirect=True)
def test_a_post_that_is_not_signed_is_refused_and_counted(client, context, provider):
    answer = client.post(f"/hooks/{provider.key}", data=BODY, content_type="application/json")

    assert answer.status_code == 401
    refusal = db.session.query(WebhookRefusal).one()
    assert (refusal.provider, refusal.count) == (provider.key, 1)
    assert db.session.query(WebhookDelivery).count() == 0


@pytest.mark.parametrize("provider", SIGNING, indirect=True)
def test_a_signature_covers_each_byte(client, context, provider, signed):
    answer = client.post(f"/hooks/{provider.key}", data=BODY + b"\n ", headers=signed)

    assert answer.status_code == 401


@pytest.mark.parametrize("provider", POSTING, indirect=True)
def test_a_post_is_kept_raw_and_once(client, context, provider, signed):
    for _ in range(2):
        answer = client.post(
            f"/hooks/{provider.key}", data=BODY, headers=signed, content_type="application/json"
        )
        assert answer.status_code == 204

    delivery = db.session.query(WebhookDelivery).one()
    assert (delivery.provider, delivery.body, delivery.duplicates) == (provider.key, BODY, 1)


@pytest.mark.parametrize("provider", POSTING, indirect=True)
def test_an_unknown_event_is_a_value(client, context, worker, provider, signed):
    client.post(f"/hooks/{provider.key}", data=BODY, headers=signed)
    worker.drain()

    delivery = db.session.query(WebhookDelivery).one()
    assert delivery.handled_at is not None
    assert delivery.state != DeliveryState.FAILED


@pytest.mark.parametrize("fault", ["down", "error", "html", "limited", "drop_before", "drop_after"])
@pytest.mark.parametrize("provider", KEYS, indirect=True)
def test_an_outage_is_an_outcome_and_no_error_of_the_network(context, provider, fault):
    store.set_switch(provider.key, "fault", {"kind": fault})

    with pytest.raises(ProviderError):
        registry.check(provider)

    store.set_switch(provider.key, "fault", None)
    assert registry.check(provider)


@pytest.mark.parametrize("provider", KEYS, indirect=True)
def test_a_simulator_does_not_run_beside_the_real_provider(settings, provider, simulator):
    real = settings.providers[provider.key].changed(simulated=False)

    with pytest.raises(SettingError, match=f"{provider.key.upper()}_MODE is real"):
        simulator.create_app(settings.with_provider(real))


@pytest.mark.parametrize("provider", KEYS, indirect=True)
def test_the_control_page_offers_a_way_to_choose_what_happens(provider, simulator):
    assert simulator.how
    assert simulator.magic
    names = [each.name for each in simulator.switches]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("provider", KEYS, indirect=True)
def test_a_providers_folder_imports_no_other_provider(provider):
    others = tuple(f"ffapp.providers.{key}" for key in KEYS if key != provider.key)

    for path in (FOLDER / provider.key).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            assert not module.startswith(others), path


@pytest.mark.parametrize("provider", KEYS, indirect=True)
def test_its_page_of_the_docs_names_what_to_set(provider):
    page = (FOLDER.parents[1] / "docs" / "providers" / f"{provider.key}.md").read_text()
    fields = provider.settings.model_fields.values()
    required = [each.alias for each in fields if (each.json_schema_extra or {}).get("required")]

    assert [name for name in required if f"`{name}`" not in page] == []
    assert provider.webhook is None or f"PUBLIC_URL/hooks/{provider.key}" in page
