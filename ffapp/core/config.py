"""Every environment variable but those of providers, typed, read once.

What is wrong is said at start, not later. `providers/registry.py` adds the settings of providers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Any, TypeVar

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ffapp.core.environment import Env, SettingError

Part = TypeVar("Part")


@dataclass(frozen=True)
class Settings:
    database_url: str
    secret_key: str
    public_url: str
    log_level: str
    sentry_dsn: str
    proxies: int
    simulators_url: str
    simulator_speed: float
    simulator_seed: int
    time_zone: str
    join_opens_minutes: int
    recording_ready_minutes: int
    quiet_hours: tuple[time, time]
    provider_deadline_seconds: float
    worker_concurrency: int
    database_pool: int
    providers: Mapping[str, Any] = field(default_factory=dict)  # key → the provider's settings

    @property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies must be marked secure."""
        return self.public_url.startswith("https://")

    @property
    def any_simulated(self) -> bool:
        return any(each.simulated for each in self.providers.values())

    def of(self, kind: type[Part]) -> Part:
        """The settings of one provider, by the class of them."""
        return self.providers[kind.key]  # type: ignore[no-any-return,attr-defined]

    def with_provider(self, changed: Any) -> "Settings":
        """The same with other settings of one provider."""
        return replace(self, providers={**self.providers, changed.key: changed})

    @property
    def libpq_url(self) -> str:
        """The database for psycopg and Procrastinate (`postgresql://…`)."""
        return make_url(self.database_url).set(drivername="postgresql").render_as_string(False)


LOG_LEVELS = ("debug", "info", "warning", "error")

_current: Settings | None = None


def use(settings: Settings) -> None:
    """Make these the process's settings."""
    global _current
    _current = settings


def current() -> Settings:
    """The process's settings; raises SettingError before `use()`."""
    if _current is None:
        raise SettingError("The settings have not been read yet; call config.use() first.")
    return _current


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that `environ` describes, without those of providers; raises SettingError."""
    env = Env(environ)
    secret_key = env.required("SECRET_KEY")
    if len(secret_key) < 16:
        raise SettingError("SECRET_KEY is too short: give it at least 16 random characters.")
    simulators_url = env.text("SIMULATORS_URL").rstrip("/")
    return Settings(
        database_url=_database_url(env.required("DATABASE_URL")),
        secret_key=secret_key,
        public_url=env.text("PUBLIC_URL").rstrip("/"),
        log_level=env.one_of("LOG_LEVEL", LOG_LEVELS),
        sentry_dsn=env.dsn("SENTRY_DSN"),
        proxies=int(env.number("PROXIES", 0, 5)),
        simulators_url=simulators_url,
        simulator_speed=env.number("SIMULATOR_SPEED", 0, 10),
        simulator_seed=int(env.number("SIMULATOR_SEED", 0, 2**31)),
        time_zone=env.zone("TIME_ZONE"),
        join_opens_minutes=int(env.number("JOIN_OPENS_MINUTES", 0, 120)),
        recording_ready_minutes=int(env.number("RECORDING_READY_MINUTES", 1, 48 * 60)),
        quiet_hours=env.hours("QUIET_HOURS"),
        provider_deadline_seconds=env.number("PROVIDER_DEADLINE_SECONDS", 0.1, 20),
        worker_concurrency=int(env.number("WORKER_CONCURRENCY", 1, 64)),
        database_pool=int(env.number("DATABASE_POOL", 1, 64)),
    )


def _database_url(text: str) -> str:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise SettingError(f"DATABASE_URL cannot be understood: {error}") from error
    if url.drivername.split("+")[0] not in {"postgres", "postgresql"}:
        raise SettingError("DATABASE_URL must name a Postgres database (postgres://…).")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
