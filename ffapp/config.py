"""Every environment variable, typed, read once; what is wrong is said at start, not later.

Simulated or real differs here (and in `providers/registry.py`) and nowhere else: a simulated
provider gets the simulator's base URL and credentials derived from SECRET_KEY, so that they are the
same in every process and unknown to anybody else.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ffapp import clock


class SettingError(ValueError):
    """A setting is missing or cannot be understood; the message names it and says what to do."""


@dataclass(frozen=True)
class ZoomSettings:
    simulated: bool
    account_id: str
    client_id: str
    client_secret: str
    token_url: str
    base_url: str
    webhook_secret: str
    host_email: str
    personal_links: bool


@dataclass(frozen=True)
class SendGridSettings:
    simulated: bool
    api_key: str
    base_url: str
    from_email: str
    from_name: str
    webhook_public_key: str


@dataclass(frozen=True)
class Settings:
    database_url: str
    secret_key: str
    public_url: str
    log_level: str
    proxies: int
    simulators_url: str
    simulator_speed: float
    simulator_seed: int
    time_zone: str
    join_opens_minutes: int
    recording_ready_minutes: int
    provider_deadline_seconds: float
    worker_concurrency: int
    database_pool: int
    zoom: ZoomSettings
    sendgrid: SendGridSettings

    @property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies must be marked secure."""
        return self.public_url.startswith("https://")

    @property
    def any_simulated(self) -> bool:
        return self.zoom.simulated or self.sendgrid.simulated

    @property
    def libpq_url(self) -> str:
        """The database for psycopg and Procrastinate (`postgresql://…`)."""
        return make_url(self.database_url).set(drivername="postgresql").render_as_string(False)


# name → (default, what it is for). `docs/running.md` must name each of them.
VARIABLES: dict[str, tuple[str | None, str]] = {
    "DATABASE_URL": (None, "Postgres, also as postgres://…"),
    "SECRET_KEY": (None, "signs sessions and links; at least 16 characters"),
    "PUBLIC_URL": ("http://127.0.0.1:8000", "where people reach the programme"),
    "LOG_LEVEL": ("info", "debug, info, warning or error"),
    "PROXIES": ("0", "how many proxies stand before the web process (1 on a Heroku-style dyno)"),
    "TIME_ZONE": ("Asia/Kolkata", "the zone a new cohort is offered"),
    "JOIN_OPENS_MINUTES": ("15", "how long before the start the Join button opens"),
    "RECORDING_READY_MINUTES": ("90", "how long after a class its recording is usually ready"),
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
    "SIMULATORS_URL": ("http://127.0.0.1:8001", "where the simulators listen"),
    "SIMULATOR_SPEED": ("1", "scales the simulators' delays: 1 as in life, 0 none"),
    "SIMULATOR_SEED": ("7", "makes the simulators' delays repeatable"),
}

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
    """The settings that `environ` describes; raises SettingError naming the first that is wrong."""
    env = _Reader(environ)
    secret_key = env.required("SECRET_KEY")
    if len(secret_key) < 16:
        raise SettingError("SECRET_KEY is too short: give it at least 16 random characters.")
    simulators_url = env.text("SIMULATORS_URL").rstrip("/")
    return Settings(
        database_url=_database_url(env.required("DATABASE_URL")),
        secret_key=secret_key,
        public_url=env.text("PUBLIC_URL").rstrip("/"),
        log_level=env.one_of("LOG_LEVEL", LOG_LEVELS),
        proxies=int(env.number("PROXIES", 0, 5)),
        simulators_url=simulators_url,
        simulator_speed=env.number("SIMULATOR_SPEED", 0, 10),
        simulator_seed=int(env.number("SIMULATOR_SEED", 0, 2**31)),
        time_zone=env.zone("TIME_ZONE"),
        join_opens_minutes=int(env.number("JOIN_OPENS_MINUTES", 0, 120)),
        recording_ready_minutes=int(env.number("RECORDING_READY_MINUTES", 1, 48 * 60)),
        provider_deadline_seconds=env.number("PROVIDER_DEADLINE_SECONDS", 0.1, 20),
        worker_concurrency=int(env.number("WORKER_CONCURRENCY", 1, 64)),
        database_pool=int(env.number("DATABASE_POOL", 1, 64)),
        zoom=_zoom(env, simulators_url, secret_key),
        sendgrid=_sendgrid(env, simulators_url, secret_key),
    )


def simulated_secret(secret_key: str, name: str, length: int = 32) -> str:
    """A credential of a simulated provider: the same in every process, guessable by nobody."""
    return hmac.new(secret_key.encode(), f"simulator:{name}".encode(), "sha256").hexdigest()[
        :length
    ]


def simulated_signing_key(secret_key: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key with which the simulated SendGrid signs its event webhook."""
    digest = hashlib.sha256(f"simulator:sendgrid-events:{secret_key}".encode()).digest()
    return ec.derive_private_key(int.from_bytes(digest) >> 1, ec.SECP256R1())


def _zoom(env: "_Reader", simulators_url: str, secret_key: str) -> ZoomSettings:
    simulated = env.simulated("ZOOM_MODE")
    if simulated:
        secret = {
            name: simulated_secret(secret_key, f"zoom-{name}", 22)
            for name in ("account", "client", "secret", "webhook")
        }
        return ZoomSettings(
            simulated=True,
            account_id=secret["account"],
            client_id=secret["client"],
            client_secret=secret["secret"],
            token_url=f"{simulators_url}/zoom/oauth/token",
            base_url=f"{simulators_url}/zoom/v2",
            webhook_secret=secret["webhook"],
            host_email=env.text("ZOOM_HOST_EMAIL"),
            personal_links=env.flag("ZOOM_PERSONAL_LINKS", unset=True),
        )
    return ZoomSettings(
        simulated=False,
        account_id=env.required("ZOOM_ACCOUNT_ID"),
        client_id=env.required("ZOOM_CLIENT_ID"),
        client_secret=env.required("ZOOM_CLIENT_SECRET"),
        token_url=env.text("ZOOM_OAUTH_TOKEN_URL"),
        base_url=env.text("ZOOM_API_BASE_URL").rstrip("/"),
        webhook_secret=env.required("ZOOM_WEBHOOK_SECRET"),
        host_email=env.text("ZOOM_HOST_EMAIL"),
        personal_links=env.flag("ZOOM_PERSONAL_LINKS"),
    )


def _sendgrid(env: "_Reader", simulators_url: str, secret_key: str) -> SendGridSettings:
    simulated = env.simulated("SENDGRID_MODE")
    return SendGridSettings(
        simulated=simulated,
        api_key=(
            "SG." + simulated_secret(secret_key, "sendgrid-key", 40)
            if simulated
            else env.required("SENDGRID_API_KEY")
        ),
        base_url=(
            f"{simulators_url}/sendgrid"
            if simulated
            else env.text("SENDGRID_API_BASE_URL").rstrip("/")
        ),
        from_email=env.text("SENDGRID_FROM_EMAIL"),
        from_name=env.text("SENDGRID_FROM_NAME"),
        webhook_public_key=(
            _public_key(secret_key) if simulated else env.required("SENDGRID_WEBHOOK_PUBLIC_KEY")
        ),
    )


def _public_key(secret_key: str) -> str:
    import base64

    der = (
        simulated_signing_key(secret_key)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(der).decode()


def _database_url(text: str) -> str:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise SettingError(f"DATABASE_URL cannot be understood: {error}") from error
    if url.drivername.split("+")[0] not in {"postgres", "postgresql"}:
        raise SettingError("DATABASE_URL must name a Postgres database (postgres://…).")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str) -> str:
        return self.environ.get(name, "").strip() or VARIABLES[name][0] or ""

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise SettingError(f"{name} is not set ({VARIABLES[name][1]}).")
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
