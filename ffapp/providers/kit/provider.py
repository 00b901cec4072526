"""What a provider declares about itself. The rest of the programme asks the registry for it."""

from dataclasses import dataclass
from typing import Any

from ffapp.providers.kit.settings import ProviderSettings
from ffapp.providers.kit.webhooks import Webhook


@dataclass(frozen=True)
class Provider:
    """One provider; `docs/adding-a-provider.md` says how to make one.

    settings   the model of its settings, with its `key` and `title`
    client     its class; it is made from the settings and a transport, which takes the network's
               place in tests; its `check` answers one sentence saying that the credentials work,
               or raises ProviderError
    check_asks_database  whether the client's `check` needs our database
    webhook    how its posts are treated; None where it posts nothing
    pages      origins of its own pages to which the answer to a form of ours may lead
    simulator  where its `Simulator` is, as `module:name`; only `simulators.py` imports it
    """

    settings: type[ProviderSettings]
    client: type[Any]
    simulator: str
    check_asks_database: bool = False
    webhook: Webhook | None = None
    pages: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name in addresses, tables and variables."""
        return self.settings.key

    @property
    def title(self) -> str:
        """Its name in sentences."""
        return self.settings.title
