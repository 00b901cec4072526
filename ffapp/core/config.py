"""Every environment variable, typed, read once; what is wrong is said at start, not later.

Simulated or real differs here (and in `providers/registry.py`) and nowhere else: a simulated
provider gets the simulator's base URL and credentials derived from SECRET_KEY, so that they are the
same in every process and unknown to anybody else.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ffapp.core.environment import Env, SettingError


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
class AiSensySettings:
    """`campaigns` (notice → campaign) come first, then `campaign_name`, then the notice's name.

    `project_id` and `webhook_secret` are empty where AiSensy posts us nothing.
    """

    simulated: bool
    api_key: str
    base_url: str
    campaign_name: str
    campaigns: Mapping[str, str]
    project_id: str
    webhook_secret: str


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
    zoom: ZoomSettings
    sendgrid: SendGridSettings
    aisensy: AiSensySettings

    @property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies must be marked secure."""
        return self.public_url.startswith("https://")

    @property
    def any_simulated(self) -> bool:
        return any(each.simulated for each in (self.zoom, self.sendgrid, self.aisensy))

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
    """The settings that `environ` describes; raises SettingError naming the first that is wrong."""
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
        zoom=_zoom(env, simulators_url, secret_key),
        sendgrid=_sendgrid(env, simulators_url, secret_key),
        aisensy=_aisensy(env, simulators_url, secret_key),
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


def _zoom(env: Env, simulators_url: str, secret_key: str) -> ZoomSettings:
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


def _sendgrid(env: Env, simulators_url: str, secret_key: str) -> SendGridSettings:
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


def _aisensy(env: Env, simulators_url: str, secret_key: str) -> AiSensySettings:
    campaigns = {
        "campaign_name": env.text("AISENSY_CAMPAIGN_NAME"),
        "campaigns": env.pairs("AISENSY_CAMPAIGNS"),
    }
    if env.simulated("AISENSY_MODE"):
        return AiSensySettings(
            simulated=True,
            api_key=simulated_secret(secret_key, "aisensy-key", 40),
            base_url=f"{simulators_url}/aisensy/campaign/t1/api",
            project_id=simulated_secret(secret_key, "aisensy-project", 24),
            webhook_secret=simulated_secret(secret_key, "aisensy-webhook", 64),
            **campaigns,
        )
    # AiSensy's smaller plans have no webhooks: messages go out, and nobody hears what became of
    # them. One of the two without the other is a mistake.
    webhooks = env.text("AISENSY_PROJECT_ID") or env.text("AISENSY_WEBHOOK_SECRET")
    return AiSensySettings(
        simulated=False,
        api_key=env.required("AISENSY_API_KEY"),
        base_url=env.text("AISENSY_BASE_URL").rstrip("/"),
        project_id=env.required("AISENSY_PROJECT_ID") if webhooks else "",
        webhook_secret=env.required("AISENSY_WEBHOOK_SECRET") if webhooks else "",
        **campaigns,
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
