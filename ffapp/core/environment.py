"""Environment variables: their names and defaults, and how each kind of value is read."""

from collections.abc import Mapping
from datetime import time
from urllib.parse import urlsplit

from ffapp.core import clock


class SettingError(ValueError):
    """A setting is missing or cannot be understood; the message names it and says what to do."""


# name → (default, what it is for). `docs/running.md` must name each of them.
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
    "ZOOM_MODE": ("", "real or simulated; beats USE_REAL_EXTERNAL_APIS"),
    "ZOOM_ACCOUNT_ID": ("", "the Server-to-Server OAuth app's account"),
    "ZOOM_CLIENT_ID": ("", "the app's client id"),
    "ZOOM_CLIENT_SECRET": ("", "the app's client secret"),
    "ZOOM_OAUTH_TOKEN_URL": ("https://zoom.us/oauth/token", "where tokens are fetched"),
    "ZOOM_API_BASE_URL": ("https://api.zoom.us/v2", "where the API answers"),
    "ZOOM_WEBHOOK_SECRET": ("", "the app's secret token, which signs webhooks"),
    "ZOOM_HOST_EMAIL": ("educator@futurefounders.example", "the Zoom user who hosts by default"),
    "ZOOM_PERSONAL_LINKS": ("", "true: each student joins by a link of their own"),
    "SENDGRID_MODE": ("", "real or simulated; beats USE_REAL_EXTERNAL_APIS"),
    "SENDGRID_API_KEY": ("", "a key that may send mail"),
    "SENDGRID_API_BASE_URL": ("https://api.sendgrid.com", "where the API answers"),
    "SENDGRID_FROM_EMAIL": ("hello@futurefounders.example", "a verified sender"),
    "SENDGRID_FROM_NAME": ("Future Founders", "the name beside it"),
    "SENDGRID_WEBHOOK_PUBLIC_KEY": ("", "the signed event webhook's verification key"),
    "AISENSY_MODE": ("", "real or simulated; beats USE_REAL_EXTERNAL_APIS"),
    "AISENSY_API_KEY": ("", "the project's API key, from Manage › API Key"),
    "AISENSY_CAMPAIGN_NAME": ("", "the campaign of every notice that AISENSY_CAMPAIGNS leaves out"),
    "AISENSY_CAMPAIGNS": ("", "notice=campaign, separated by commas"),
    "AISENSY_BASE_URL": (
        "https://backend.aisensy.com/campaign/t1/api",
        "where the Campaign API answers; a reseller has a host and a brand of its own",
    ),
    "AISENSY_PROJECT_ID": ("", "the project whose webhooks are let in"),
    "AISENSY_WEBHOOK_SECRET": ("", "the webhook's shared secret"),
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

    def pairs(self, name: str) -> dict[str, str]:
        """`a=x, b=y` as a dict."""
        found: dict[str, str] = {}
        for part in filter(None, map(str.strip, self.text(name).split(","))):
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if not (key and equals and value):
                raise SettingError(f"{name}: “{part}” is not of the form name=value.")
            if key in found:
                raise SettingError(f"{name} names “{key}” twice.")
            found[key] = value
        return found

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

    def flag(self, name: str, unset: bool = False) -> bool:
        value = self.text(name).lower()
        if not value:
            return unset
        if value not in {"true", "false", "1", "0", "yes", "no"}:
            raise SettingError(f"{name} must be true or false, not “{value}”.")
        return value in {"true", "1", "yes"}

    def simulated(self, name: str) -> bool:
        mode = self.text(name).lower()
        if mode not in {"", "real", "simulated"}:
            raise SettingError(f"{name} must be real or simulated, not “{mode}”.")
        return mode == "simulated" if mode else not self.flag("USE_REAL_EXTERNAL_APIS")
