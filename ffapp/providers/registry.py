"""The registered providers: one line each. Their settings, and their clients, built once."""

from collections.abc import Mapping

import httpx

from ffapp.core.config import Settings
from ffapp.providers.aisensy.provider import AISENSY
from ffapp.providers.bolna.provider import BOLNA
from ffapp.providers.kit.provider import Provider
from ffapp.providers.kit.settings import Simulation
from ffapp.providers.sendgrid.provider import SENDGRID
from ffapp.providers.zoom.provider import ZOOM

PROVIDERS: tuple[Provider, ...] = (ZOOM, SENDGRID, AISENSY, BOLNA)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """All settings that `environ` describes; raises SettingError naming the first that is wrong."""
    settings = Settings.read(environ)
    simulation = Simulation(
        settings.simulators_url,
        settings.secret_key,
        is_default=not settings.use_real_external_apis,
    )
    for provider in PROVIDERS:
        settings = settings.with_provider(provider.settings.read_own(environ, simulation))
    return settings.check()


def variables() -> dict[str, str]:
    """The purpose of every variable, those of the providers included."""
    found = Settings.variables()
    for provider in PROVIDERS:
        found |= provider.settings.variables()
    return found


def build(settings: Settings, transports: Mapping[str, httpx.BaseTransport]) -> None:
    """Build the clients; `transports` (key → transport) take the network's place in tests."""
    for provider in PROVIDERS:
        own = settings.of(provider.settings)
        provider.client(own, transports.get(provider.key)).use()


def check(provider: Provider) -> str:
    """One sentence saying that the provider takes our credentials; raises ProviderError."""
    return str(provider.client.current().check())


def title_of(key: str) -> str:
    """How people call the provider; the key itself where it is not registered any more."""
    return next((each.title for each in PROVIDERS if each.key == key), key)
