"""create_app(): assembles the app, and nothing else."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import flask
import httpx
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map
from whitenoise import WhiteNoise

from ffapp.core import config, logs
from ffapp.core import settings as educator_settings
from ffapp.core.config import Settings
from ffapp.core.db import db, engine_options
from ffapp.core.jobs import connect
from ffapp.people.models import Role
from ffapp.people.sessions import LIMITS
from ffapp.providers import registry
from ffapp.web import auth, bundles, control, errors, language, rendering, security
from ffapp.web.blueprints import BLUEPRINTS
from ffapp.web.kit import request, uploads
from ffapp.web.student.waiting_room import WaitingRoom
from ffapp.wiring import wire

ROOT = Path(__file__).parents[1]
MEGABYTE = 1024 * 1024
YEAR_SECONDS = 365 * 24 * 3600

csrf = CSRFProtect()


class Identifier(IntegerConverter):
    """A number in an address; one that no row can have leads nowhere, instead of breaking."""

    def __init__(self, map: Map, **options: int | bool) -> None:  # noqa: A002
        super().__init__(map, **{"max": 2**63 - 1, **options})  # type: ignore[arg-type]


def create_app(
    settings: Settings | None = None,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    pool_size: int | None = None,
    name: str = "ffapp web",
) -> flask.Flask:
    """The application. `transports` (provider → transport) take the network's place in tests."""
    settings = settings or registry.read_settings(os.environ)
    config.use(settings)
    app = flask.Flask(
        "ffapp",
        root_path=str(ROOT / "ffapp"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.url_map.converters["int"] = Identifier
    app.config.from_mapping(_flask_settings(settings, pool_size or settings.database_pool, name))
    db.init_app(app)
    connect(settings.libpq_url)
    wire()
    registry.build(settings, transports or {})
    _install_web(app, settings)
    return app


def add_migrations(app: flask.Flask) -> flask.Flask:
    """The same app, on which `flask db` works. Alembic takes 8 MB, so the others do without."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(ROOT / "migrations"), include_name=_is_ours)
    return app


def _install_web(app: flask.Flask, settings: Settings) -> None:
    logs.install(app)
    Compress(app)
    Htmx(app)
    request.install(app)
    language.install(app)  # first: a refusal is said in the reader's language too
    uploads.install(app)
    csrf.init_app(app)
    app.before_request(educator_settings.refresh)
    auth.install(app)
    security.install(app, settings)
    rendering.install(app, settings)
    bundles.install(app)
    errors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    csrf.exempt(auth.hooks)
    if settings.any_simulated:
        app.register_blueprint(control.mount(partial(_create_control, settings)))
    app.wsgi_app = security.AtTheRoot(WaitingRoom(app, app.wsgi_app))  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(ROOT / "static"),
        prefix="static/",
        max_age=YEAR_SECONDS,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: True,  # addresses change with the content
        add_headers_function=security.for_files(settings),
    )


def _create_control(settings: Settings) -> flask.Flask:
    # Only when somebody opens them: the simulators take half a second to import.
    from ffapp import simulators

    return simulators.create_control(settings)


def _flask_settings(settings: Settings, pool_size: int, name: str) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(pool_size, name),
        # A browser takes a cookie of that name only from here, for all paths, and over https.
        "SESSION_COOKIE_NAME": "__Host-ffapp" if settings.secure else "ffapp",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure,
        "PERMANENT_SESSION_LIFETIME": LIMITS[Role.STUDENT].absolute,
        "TRUSTED_HOSTS": settings.hosts,
        "MAX_CONTENT_LENGTH": 2 * MEGABYTE,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "COMPRESS_ALGORITHM": ["br", "zstd", "gzip"],  # the smallest first
        "COMPRESS_BR_LEVEL": 5,
        "SEND_FILE_MAX_AGE_DEFAULT": YEAR_SECONDS,
    }


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    """What Alembic compares: not the queue's tables, which have migrations of their own."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))
