"""What every answer carries so that a browser keeps it safe."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit
from wsgiref.headers import Headers

import flask

from ffapp.core.config import Settings
from ffapp.providers.registry import PROVIDERS

Application = Callable[..., Iterable[bytes]]
PRIVATE = ("student", "admin", "account")  # whose files no browser keeps


def install(app: flask.Flask, settings: Settings) -> None:
    """Set the security headers on every answer that does not bring its own."""
    headers = _headers(settings)

    @app.after_request
    def add(response: flask.Response) -> flask.Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if response.mimetype == "text/html":
            response.headers.setdefault("Cache-Control", "no-store")
        elif flask.request.blueprint in PRIVATE and not response.cache_control.private:
            response.headers["Cache-Control"] = "private, no-store"
        return response


class AtTheRoot:
    """WSGI middleware: nobody's header or variable says that we are mounted below a path."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["SCRIPT_NAME"] = ""
        return self.app(environ, start_response)


def for_files(settings: Settings) -> Callable[[Headers, str, str], None]:
    """The same for WhiteNoise, whose answers never come through the application."""
    headers = _headers(settings)

    def add(response_headers: Headers, path: str, url: str) -> None:
        for name, value in headers.items():
            response_headers.setdefault(name, value)

    return add


def _headers(settings: Settings) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": _policy(settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def _policy(settings: Settings) -> str:
    # Forms go only to us, but a form's answer may lead on to a provider's page (Zoom's meeting),
    # and browsers check that too.
    simulators = urlsplit(settings.simulators_url)
    pages: dict[str, None] = {}
    for provider in PROVIDERS:
        is_simulated = settings.of(provider.settings).simulated and provider.pages
        own = (f"{simulators.scheme}://{simulators.netloc}",) if is_simulated else provider.pages
        pages |= dict.fromkeys(own)
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data:",
            "base-uri 'none'",
            "object-src 'none'",
            " ".join(("form-action 'self'", *pages)),
            "frame-ancestors 'self'",
        )
    )
