"""What a simulated provider declares: its API, its webhooks, magic values and switches."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flask

from ffapp.core.config import Settings
from ffapp.providers.kit.settings import ProviderSettings
from ffapp.providers.simulating.callbacks import DeliveryPolicy

MOST = 86_400  # the largest number of a switch


@dataclass(frozen=True)
class Magic:
    """A recipient (or another value typed into the ordinary screens) that chooses a scenario."""

    example: str
    what: str


@dataclass(frozen=True)
class Switch:
    """A lasting condition, by the `name` under which the simulator reads it from the store.

    `webhooks.duplicate` is the key `duplicate` of the switch `webhooks`, whose value is a dict. The
    value is true, or with `unit` a number from 0 to a day.
    """

    name: str
    title: str
    what: str
    unit: str = ""

    def read(self, values: dict[str, Any]) -> Any:
        """Its value among all those of the provider; None when it is off."""
        outer, _, key = self.name.partition(".")
        return values.get(outer, {}).get(key) if key else values.get(outer)

    def changed(self, values: dict[str, Any], text: str) -> tuple[str, Any]:
        """Name and new value of what the store keeps, when a form says `text` (`off`: off).

        Raises ValueError for what the form does not offer.
        """
        value = None if text == "off" else True
        if value and self.unit:
            number = float(text)
            if not 0 <= number <= MOST:
                raise ValueError(text)
            value = int(number) if number.is_integer() else number
        outer, _, key = self.name.partition(".")
        if not key:
            return outer, value
        kept = {**values.get(outer, {}), key: value}
        return outer, {name: each for name, each in kept.items() if each is not None} or None


# What `callbacks.schedule` obeys, for every provider.
WEBHOOK_SWITCHES = (
    Switch("webhooks.drop", "Lose webhooks", "No event is posted at all."),
    Switch("webhooks.duplicate", "Duplicate webhooks", "Each event is posted twice."),
    Switch("webhooks.reorder", "Reorder webhooks", "Every other event comes late."),
    Switch("webhooks.delay_seconds", "Delay webhooks", "Events come later.", unit="seconds"),
)


@dataclass(frozen=True)
class Simulator:
    """A simulated provider: its API, its webhooks, and its part of the control pages.

    settings    the model of the provider's settings
    create_app  makes its API, which is mounted at `/KEY` of SIMULATORS_URL
    delivery    makes its delivery policy, by which the worker posts its webhooks
    how         where the magic values are typed
    magic, switches  what chooses a scenario
    reply       lets a person write back: it is given their number (E.164), name and text
    portal      answers the address of the provider's own pages, where people do by hand what the
                programme does through the API
    validate    promises the post by which the provider checks our webhook address
    """

    settings: type[ProviderSettings]
    create_app: Callable[[Settings], flask.Flask]
    delivery: Callable[[Settings], DeliveryPolicy]
    how: str
    magic: tuple[Magic, ...]
    switches: tuple[Switch, ...]
    reply: Callable[[str, str, str], None] | None = None
    portal: Callable[[], str] | None = None
    validate: Callable[[], None] | None = None

    @property
    def key(self) -> str:
        return self.settings.key

    @property
    def title(self) -> str:
        return self.settings.title

    @property
    def is_active(self) -> bool:
        """Whether the programme uses it, and not the real provider."""
        return self.settings.current().simulated

    @property
    def base_url(self) -> str:
        """Where the programme's client calls the provider."""
        return self.settings.current().base_url

    def conditions(self, values: dict[str, Any]) -> list[str]:
        """How people call what is switched on; `values` are all that the store keeps."""
        on = [each.title for each in self.switches if each.read(values) is not None]
        return on + (["fault"] if values.get("fault") else [])
