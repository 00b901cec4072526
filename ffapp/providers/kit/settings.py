"""The settings of one provider: a model in the provider's folder, read from the environment.

Simulated or real differs here and nowhere else: a simulated provider gets the simulator's base URL
and credentials derived from SECRET_KEY, so that they are the same in every process and unknown to
anybody else.
"""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator

from ffapp.core import config, environment
from ffapp.core.config import Url
from ffapp.core.environment import EnvironmentSettings, SettingError


def variable(name: str, purpose: str, default: Any = "", *, required: bool = False) -> Any:
    """A field that is read from the variable `name`; `required` where the provider is real."""
    return environment.variable(name, purpose, default, json_schema_extra={"required": required})


def _pairs(value: Any) -> Any:
    """`a=x, b=y` as a dict."""
    if not isinstance(value, str):
        return value
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, value.split(","))):
        key, equals, text = (piece.strip() for piece in part.partition("="))
        if not (key and equals and text):
            raise ValueError(f"is wrong: “{part}” is not of the form name=value")
        if key in found:
            raise ValueError(f"names “{key}” twice")
        found[key] = text
    return found


BaseUrl = Url
Pairs = Annotated[Mapping[str, str], BeforeValidator(_pairs)]


@dataclass(frozen=True)
class Simulation:
    """Where the simulators listen, and the secrets of the simulated providers."""

    url: str
    secret_key: str
    is_default: bool = True  # whether a provider is simulated when nobody says otherwise

    def secret(self, name: str, length: int = 32) -> str:
        """A credential: the same in every process, guessable by nobody without SECRET_KEY."""
        return simulated_secret(self.secret_key, name, length)


@dataclass(frozen=True)
class SettingWarning:
    """A setting that can be read and is still not right; `is_wrong` where it cannot work so."""

    variable: str
    sentence: str
    is_wrong: bool = False


class ProviderSettings(EnvironmentSettings):
    """Base class: a provider's settings are fields made by `variable()`.

    `key` is the provider's name in addresses, tables and `KEY_MODE`, `title` its name in sentences.
    `base_url` is where its API answers; the simulator's is mounted at `/KEY` of SIMULATORS_URL.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    simulated: bool
    base_url: BaseUrl

    @classmethod
    def simulated_values(cls, simulation: Simulation) -> dict[str, Any]:
        """The values that a simulated provider has, whatever the environment says."""
        raise NotImplementedError

    @classmethod
    def current(cls) -> Self:
        """Those of the process."""
        return config.current().of(cls)

    @classmethod
    def variables(cls) -> dict[str, str]:
        """The purpose of each variable, the mode first."""
        mode = {cls._mode(): "real or simulated; beats USE_REAL_EXTERNAL_APIS"}
        return mode | super().variables()

    @classmethod
    def read_own(cls, environ: Mapping[str, str], simulation: Simulation) -> Self:
        """The provider's settings that `environ` describes; raises SettingError."""
        mode = environ.get(cls._mode(), "").strip().lower()
        if mode not in ("", "real", "simulated"):
            raise SettingError(f"{cls._mode()} must be real or simulated, not “{mode}”.")
        if mode == "simulated" or (not mode and simulation.is_default):
            return cls.read(environ, simulated=True, **cls.simulated_values(simulation))
        settings = cls.read(environ, simulated=False)
        for name, field in cls.model_fields.items():
            extra = field.json_schema_extra
            if isinstance(extra, dict) and extra["required"] and not getattr(settings, name):
                raise missing(cls, str(field.alias))
        return settings

    @classmethod
    def _mode(cls) -> str:
        return f"{cls.key.upper()}_MODE"

    @property
    def address(self) -> str:
        """What has to be reachable for the credentials to be checked."""
        return self.base_url

    def warnings(self) -> Iterator[SettingWarning]:
        """Settings of a real provider that can be read, and still are not right."""
        yield from ()

    def is_default(self, name: str) -> bool:
        """Whether the field has the value that is in it when nobody sets its variable."""
        return bool(getattr(self, name) == type(self).model_fields[name].default)


def missing(model: type[ProviderSettings], name: str) -> SettingError:
    """The error for a variable that must be set."""
    return SettingError(f"{name} is not set ({model.variables()[name]}).")


def simulated_secret(secret_key: str, name: str, length: int = 32) -> str:
    """A credential of a simulated provider: the same in every process, guessable by nobody."""
    text = f"simulator:{name}".encode()
    return hmac.new(secret_key.encode(), text, "sha256").hexdigest()[:length]
