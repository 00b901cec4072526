"""Whether each provider takes our credentials, asked through the client that the app uses."""

from collections.abc import Callable, Iterator

from ffapp.core.config import Settings
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.doctor.finding import Finding, ok, wrong
from ffapp.providers import registry
from ffapp.providers.kit.deadline import within
from ffapp.providers.kit.provider import Provider


def look_at(provider: Provider) -> Callable[[Settings], Iterator[Finding]]:
    """The check of one provider."""
    return lambda settings: iter((_ask(provider, settings),))


def _ask(provider: Provider, settings: Settings) -> Finding:
    own = settings.of(provider.settings)
    what = f"{provider.title} (simulated)" if own.simulated else provider.title
    try:
        # One deadline for the whole, however many calls it takes.
        with within(settings.provider_deadline_seconds):
            return ok(what, registry.check(provider))
    except Refused as error:
        return wrong(what, error.reason)
    except ProviderError as error:
        if own.simulated:
            return wrong(what, f"{error.reason} Its simulator should answer at {own.address}.")
        return wrong(
            what, f"{error.reason} Look whether {own.address} can be reached from here, or wait."
        )
