"""Any mix of real and simulated providers starts; a real one needs its credentials, and nothing
that its simulator signs is believed any more."""

from itertools import product

import pytest
from werkzeug.test import Client

from ffapp import simulators
from ffapp.core import config
from ffapp.core.config import SettingError
from ffapp.providers.registry import PROVIDERS, read_settings

KEY = "k7Qw2vZp9TxLr4NmYb8HsDf6GcJa3EuV"
BODY = b'[{"event": "something.new"}]'
REQUIRED = {
    each.key: [
        field.alias
        for field in each.settings.model_fields.values()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra["required"]
    ]
    for each in PROVIDERS
}
POSTING = [each for each in PROVIDERS if each.webhook]
MIXES = list(product((False, True), repeat=len(PROVIDERS)))


def environ(settings, real, **more):
    """The variables of an app in which these providers are real, with credentials made up."""
    found = {"DATABASE_URL": settings.database_url, "SECRET_KEY": KEY}
    for provider in PROVIDERS:
        is_real = provider.key in real
        found[f"{provider.key.upper()}_MODE"] = "real" if is_real else "simulated"
        if is_real:
            found |= dict.fromkeys(REQUIRED[provider.key], f"live-{KEY}")
    return found | more


def as_one_is(settings, provider, **more):
    return environ(settings, [provider.key], **more)


@pytest.fixture
def use(settings, context):
    yield config.use
    config.use(settings)


@pytest.mark.parametrize("mix", MIXES)
def test_any_mix_starts_and_mounts_only_what_is_simulated(settings, use, mix):
    real = [each.key for each, is_real in zip(PROVIDERS, mix, strict=True) if is_real]
    mixed = read_settings(environ(settings, real))
    use(mixed)
    api = Client(simulators.create_api(mixed))

    for provider in PROVIDERS:
        own = mixed.of(provider.settings)
        assert own.simulated == (provider.key not in real)
        assert own.base_url.startswith(mixed.simulators_url) == own.simulated
    mounted = {each.key for each in simulators.all_simulators()} - set(real)
    for key in real:
        assert api.get(f"/{key}/anything").status_code == 404
        assert key not in mounted


@pytest.mark.parametrize(
    ("provider", "name"),
    [(each, name) for each in PROVIDERS for name in REQUIRED[each.key]],
    ids=lambda each: getattr(each, "key", each),
)
def test_a_real_provider_without_a_credential_stops_the_start_and_names_it(
    settings, provider, name
):
    with pytest.raises(SettingError, match=f"^{name} is not set"):
        read_settings(as_one_is(settings, provider, **{name: " "}))


@pytest.mark.parametrize("name", REQUIRED["zoom"])
def test_the_one_flag_asks_for_every_credential_as_well(settings, name):
    found = environ(settings, [each.key for each in PROVIDERS], **{name: ""})
    found = {key: value for key, value in found.items() if not key.endswith("_MODE")}

    with pytest.raises(SettingError, match=f"^{name} is not set"):
        read_settings({**found, "USE_REAL_EXTERNAL_APIS": "true"})


@pytest.mark.parametrize("provider", POSTING, ids=lambda each: each.key)
def test_what_the_simulator_signs_is_refused_by_a_real_provider(client, settings, use, provider):
    simulator = next(each for each in simulators.all_simulators() if each.key == provider.key)
    signed = simulator.delivery(settings).sign(BODY)
    use(read_settings(as_one_is(settings, provider)))

    answer = client.post(
        f"/hooks/{provider.key}", data=BODY, headers=signed, content_type="application/json"
    )

    assert answer.status_code == 401
