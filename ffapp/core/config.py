"""Every environment variable but those of providers, typed, read once.

What is wrong is said at start, not later. `providers/registry.py` adds the settings of providers.
"""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, PrivateAttr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ffapp.core import clock
from ffapp.core.environment import EnvironmentSettings, SettingError, variable
from ffapp.core.secret_key import MAKE_KEY, weakness_of_key

__all__ = [
    "EducatorDefaults",
    "SettingError",
    "Settings",
    "current",
    "environment",
    "override",
    "use",
]

Part = TypeVar("Part")


def check_database_url(text: str) -> str:
    """The address as SQLAlchemy and psycopg want it; Heroku's form is understood."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ValueError("cannot be understood") from error
    if url.drivername.split("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("must name a Postgres database (postgres://…)")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def check_dsn(text: str) -> str:
    parts = urlsplit(text)
    is_known = parts.scheme in ("http", "https") and parts.username and parts.hostname
    if not (is_known and parts.path.rpartition("/")[2].isdecimal()):
        raise ValueError("must look like https://KEY@HOST/PROJECT")
    return text


def check_zone(text: str) -> str:
    try:
        return str(clock.zone(text))
    except clock.UnknownZone as error:
        raise ValueError(f"is wrong: {error}") from error


def parse_hours(value: Any) -> Any:
    """`21:00-08:00`, or `off`, which is the same time twice."""
    if not isinstance(value, str):
        return value
    if value == "off":
        return time(0), time(0)
    try:
        begins, ends = (time.fromisoformat(part.strip()) for part in value.split("-"))
    except ValueError as error:
        raise ValueError("must look like 21:00-08:00, or be off") from error
    return begins, ends


def split_list(value: Any) -> Any:
    """`a, b`; empty parts are left out."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


LOOPBACK = ["localhost", "127.0.0.1"]
Url = Annotated[str, AfterValidator(lambda url: url.rstrip("/"))]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"], BeforeValidator(lambda text: text.lower())
]


class EducatorDefaults(EnvironmentSettings):
    """What the educator decides (`core/settings.py`), and what it is until they do."""

    programme_name: str = variable(
        "PROGRAMME_NAME", "what the programme is called on its pages", "Future Founders"
    )
    time_zone: Annotated[str, AfterValidator(check_zone)] = variable(
        "TIME_ZONE", "the zone that a new cohort is offered", "Asia/Kolkata"
    )
    join_opens_minutes: int = variable(
        "JOIN_OPENS_MINUTES", "how long before the start the Join button opens", 15, ge=0, le=120
    )
    recording_ready_minutes: int = variable(
        "RECORDING_READY_MINUTES",
        "how long after a class its recording is usually ready",
        90,
        ge=1,
        le=48 * 60,
    )
    present_percent: int = variable(
        "PRESENT_PERCENT",
        "how much of a class somebody must be there for to be present",
        50,
        ge=0,
        le=100,
    )
    present_minutes: int = variable(
        "PRESENT_MINUTES",
        "after how many minutes somebody is present in any case",
        20,
        ge=0,
        le=1440,
    )
    quiet_hours: Annotated[tuple[time, time], BeforeValidator(parse_hours)] = variable(
        "QUIET_HOURS",
        "when no phone rings for what can wait; off for never",
        (time(21), time(8)),
    )


class Settings(EducatorDefaults):
    database_url: Annotated[str, AfterValidator(check_database_url)] = variable(
        "DATABASE_URL", "Postgres, also as postgres://…"
    )
    secret_key: str = variable("SECRET_KEY", "signs sessions and links", min_length=16)
    secret_key_fallbacks: Annotated[tuple[str, ...], BeforeValidator(split_list)] = variable(
        "SECRET_KEY_FALLBACKS",
        "former keys, separated by commas: still read, never used",
        (),
    )
    public_url: Url = variable(
        "PUBLIC_URL", "where people reach the programme", "http://127.0.0.1:8000"
    )
    log_level: LogLevel = variable("LOG_LEVEL", "how much is logged", "info")
    sentry_dsn: Annotated[str, AfterValidator(check_dsn)] = variable(
        "SENTRY_DSN", "where our own mistakes are reported; empty: nowhere", ""
    )
    proxies: int = variable(
        "PROXIES", "how many proxies stand before the web process", 0, ge=0, le=5
    )
    provider_deadline_seconds: float = variable(
        "PROVIDER_DEADLINE_SECONDS",
        "the total time that one call to a provider may take",
        15,
        ge=0.1,
        le=20,
    )
    worker_concurrency: int = variable(
        "WORKER_CONCURRENCY", "jobs that a worker runs at a time", 4, ge=1, le=64
    )
    database_pool: int = variable("DATABASE_POOL", "connections of one web process", 3, ge=1, le=64)
    use_real_external_apis: bool = variable(
        "USE_REAL_EXTERNAL_APIS", "true turns every provider from simulated to real", False
    )
    simulators_url: Url = variable(
        "SIMULATORS_URL", "where the simulators listen", "http://127.0.0.1:8001"
    )
    simulator_speed: float = variable(
        "SIMULATOR_SPEED", "scales the simulators' delays: 1 as in life, 0 none", 1, ge=0, le=10
    )
    simulator_seed: int = variable(
        "SIMULATOR_SEED", "makes the simulators' delays repeatable", 7, ge=0, le=2**31
    )

    _providers: dict[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def providers(self) -> Mapping[str, Any]:
        """The settings of each provider by its key."""
        return self._providers

    def of(self, kind: type[Part]) -> Part:
        """The settings of one provider, by the class of them."""
        return self._providers[kind.key]  # type: ignore[no-any-return,attr-defined]

    def with_provider(self, changed: Any) -> Self:
        """The same with other settings of one provider."""
        settings = self.model_copy()
        settings._providers = {**self._providers, changed.key: changed}
        return settings

    @property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies must be marked secure."""
        return self.public_url.startswith("https://")

    @property
    def any_simulated(self) -> bool:
        return any(each.simulated for each in self._providers.values())

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches us and no provider is real: nothing can go wrong."""
        return self._is_loopback and all(each.simulated for each in self._providers.values())

    @property
    def hosts(self) -> list[str]:
        """The names under which people reach us; what comes under another is refused."""
        return LOOPBACK if self._is_loopback else [urlsplit(self.public_url).hostname or ""]

    @property
    def _is_loopback(self) -> bool:
        host = urlsplit(self.public_url).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")

    def check(self) -> Self:
        """The same settings; raises SettingError for a key that would protect nobody."""
        if not self.is_local and (wrong := weakness_of_key(self.secret_key)):
            raise SettingError(f"SECRET_KEY {wrong}: {MAKE_KEY}")
        if not self.is_local and any(map(weakness_of_key, self.secret_key_fallbacks)):
            raise SettingError(
                "SECRET_KEY_FALLBACKS has a weak key: links could be forged with it."
            )
        return self

    @property
    def libpq_url(self) -> str:
        """The database for psycopg and Procrastinate (`postgresql://…`)."""
        return make_url(self.database_url).set(drivername="postgresql").render_as_string(False)


_environment: Settings | None = None
_current: Settings | None = None


def use(settings: Settings) -> None:
    """Make these the process's settings."""
    global _environment, _current
    _environment = _current = settings


def environment() -> Settings:
    """The settings without what the educator has decided."""
    if _environment is None:
        raise SettingError("The settings have not been read yet; call config.use() first.")
    return _environment


def current() -> Settings:
    """The process's settings; raises SettingError before `use()`."""
    return _current or environment()


def override(values: Mapping[str, Any]) -> None:
    """Take the educator's values in place of the environment's.

    A name is a field of Settings, or `provider.field`.
    """
    global _current
    settings = environment()
    own = {name: value for name, value in values.items() if "." not in name}
    for name, value in values.items():
        key, _, field = name.rpartition(".")
        if key in settings.providers:
            part = settings.providers[key].changed(**{field: value})
            settings = settings.with_provider(part)
    _current = settings.changed(**own)
