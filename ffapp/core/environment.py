"""Environment variables: their names and defaults, and how each kind of value is read."""

from collections.abc import Mapping
from datetime import time
from urllib.parse import urlsplit

from ffapp.core import clock


class SettingError(ValueError):
    """A setting is missing or cannot be understood; the message names it and says what to do."""


# name → (default, what it is for). `docs/running.md` must name each of them. Those of a provider
# stand in its folder.
VARIABLES: dict[str, tuple[str | None, str]] = {
    "DATABASE_URL": (None, "Postgres, also as postgres://…"),
    "SECRET_KEY": (None, "signs sessions and links; at least 16 characters"),
    "PUBLIC_URL": ("http://127.0.0.1:8000", "where people reach the programme"),
    "LOG_LEVEL": ("info", "debug, info, warning or error"),
    "SENTRY_DSN": ("", "where our own mistakes are reported; empty: nowhere"),
    "PROXIES": ("0", "how many proxies stand before the web process (1 on a Heroku-style dyno)"),
    "TIME_ZONE": ("Asia/Kolkata", "the zone a new cohort is offered"),
    "JOIN_OPENS_MINUTES": ("15", "how long before the start the Join button opens"),
    "RECORDING_READY_MINUTES": ("90", "how long after a class its recording is usually ready"),
    "QUIET_HOURS": ("21:00-08:00", "when no phone rings for what can wait; off for never"),
    "PROVIDER_DEADLINE_SECONDS": ("15", "the total time one call to a provider may take"),
    "WORKER_CONCURRENCY": ("4", "jobs a worker runs at a time, beside two urgent ones"),
    "DATABASE_POOL": ("3", "connections of one web process"),
    "USE_REAL_EXTERNAL_APIS": ("false", "true turns every provider from simulated to real"),
    "SIMULATORS_URL": ("http://127.0.0.1:8001", "where the simulators listen"),
    "SIMULATOR_SPEED": ("1", "scales the simulators' delays: 1 as in life, 0 none"),
    "SIMULATOR_SEED": ("7", "makes the simulators' delays repeatable"),
}


class Env:
    """Reads variables by their names; raises SettingError naming the one that is wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str) -> str:
        return self.environ.get(name, "").strip() or VARIABLES[name][0] or ""

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise SettingError(f"{name} is not set ({VARIABLES[name][1]}).")
        return value

    def dsn(self, name: str) -> str:
        """`https://KEY@HOST/PROJECT`, or nothing."""
        value = self.text(name)
        parts = urlsplit(value)
        project = parts.path.rpartition("/")[2]
        known = parts.scheme in ("http", "https") and parts.username and parts.hostname
        if value and not (known and project.isdecimal()):
            raise SettingError(f"{name} must look like https://KEY@HOST/PROJECT.")
        return value

    def number(self, name: str, low: float, high: float) -> float:
        try:
            value = float(self.text(name))
        except ValueError as error:
            raise SettingError(f"{name} must be a number, not “{self.text(name)}”.") from error
        if not low <= value <= high:
            raise SettingError(f"{name} must lie between {low:g} and {high:g}.")
        return value

    def zone(self, name: str) -> str:
        try:
            return str(clock.zone(self.text(name)))
        except clock.UnknownZone as error:
            raise SettingError(f"{name}: {error}.") from error

    def hours(self, name: str) -> tuple[time, time]:
        """`21:00-08:00`, or `off`, which is the same time twice."""
        text = self.text(name)
        if text == "off":
            return time(0), time(0)
        try:
            begins, ends = (time.fromisoformat(part.strip()) for part in text.split("-"))
        except ValueError as error:
            raise SettingError(f"{name} must look like 21:00-08:00, or be off.") from error
        return begins, ends

    def one_of(self, name: str, words: tuple[str, ...]) -> str:
        value = self.text(name).lower()
        if value not in words:
            raise SettingError(f"{name} must be one of {', '.join(words)}, not “{value}”.")
        return value

    def flag(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in {"true", "false", "1", "0", "yes", "no"}:
            raise SettingError(f"{name} must be true or false, not “{value}”.")
        return value in {"true", "1", "yes"}

    def simulated(self, name: str) -> bool:
        mode = self.environ.get(name, "").strip().lower()
        if mode not in {"", "real", "simulated"}:
            raise SettingError(f"{name} must be real or simulated, not “{mode}”.")
        return mode == "simulated" if mode else not self.flag("USE_REAL_EXTERNAL_APIS")
