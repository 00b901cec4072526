"""What a simulated provider offers to the control pages: magic recipients and switches."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Magic:
    """A recipient (or another value typed into the ordinary screens) that chooses a scenario."""

    example: str
    what: str


@dataclass(frozen=True)
class Switch:
    """A lasting condition, by the `name` under which the simulator reads it from the store.

    `tricks.duplicate` is the key `duplicate` of the switch `tricks`, whose value is a dict. The
    value is true; with `unit` a number from 0 to `most`; with `choices` one of these words.
    """

    name: str
    title: str
    what: str
    unit: str = ""
    most: float = 86_400
    choices: tuple[str, ...] = ()

    def read(self, values: dict[str, Any]) -> Any:
        """Its value among all those of the provider; None when it is off."""
        outer, _, key = self.name.partition(".")
        value = values.get(outer)
        return (value or {}).get(key) if key else value

    def changed(self, values: dict[str, Any], text: str) -> tuple[str, Any]:
        """Name and new value of what the store keeps, when a form says `text` (`off`: off).

        Raises ValueError for what the form does not offer.
        """
        outer, _, key = self.name.partition(".")
        value = None if text == "off" else self._value(text)
        if not key:
            return outer, value
        others = {name: each for name, each in (values.get(outer) or {}).items() if name != key}
        return outer, (others | ({} if value is None else {key: value})) or None

    def _value(self, text: str) -> Any:
        if self.unit:
            number = float(text)
            if not (math.isfinite(number) and 0 <= number <= self.most):
                raise ValueError(text)
            return int(number) if number.is_integer() else number
        if self.choices and text not in self.choices:
            raise ValueError(text)
        return text if self.choices else True


@dataclass(frozen=True)
class Provider:
    """One provider on the control pages; `base_url` is where the programme's client calls it.

    `write` lets a person write back: it is given their number (E.164), name and text.
    `portal` answers the address of the provider's own pages, where people do by hand what the
    programme does through the API.
    """

    key: str
    title: str
    simulated: bool
    base_url: str
    how: str
    magic: tuple[Magic, ...]
    switches: tuple[Switch, ...]
    write: Callable[[str, str, str], None] | None = None
    portal: Callable[[], str] | None = None

    def titles(self, names: list[str]) -> list[str]:
        """How people call the conditions that the store keeps under these names."""
        known = {each.name: each.title for each in self.switches}
        return [known.get(name, name) for name in names]
