"""Whether each provider takes our credentials, asked through the client that the app uses."""

from dataclasses import dataclass

from ffapp.core.config import Settings
from ffapp.core.db import db
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.providers import registry
from ffapp.providers.kit.deadline import within
from ffapp.providers.kit.provider import Provider


@dataclass(frozen=True)
class Connection:
    """What came of asking one provider; `sentence` says what to do where it does not work."""

    provider: str
    simulated: bool
    works: bool
    sentence: str


def check_connection(provider: Provider, settings: Settings) -> Connection:
    """Ask it, within the usual deadline; nothing is sent to anybody.

    Ends the session's transaction, as the provider may think for long.
    """
    own = settings.of(provider.settings)

    def answer(works: bool, sentence: str) -> Connection:
        return Connection(provider.title, own.simulated, works, sentence)

    db.session.rollback()
    try:
        # One deadline for the whole, however many calls it takes.
        with within(settings.provider_deadline_seconds):
            return answer(True, registry.check(provider))
    except Refused as error:
        return answer(False, error.reason)
    except ProviderError as error:
        advice = (
            f"Its simulator should answer at {own.address}."
            if own.simulated
            else f"Look whether {own.address} can be reached from here, or wait."
        )
        return answer(False, f"{error.reason} {advice}")
