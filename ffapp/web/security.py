"""What every answer carries so that a browser keeps it safe."""

from collections.abc import Callable
from urllib.parse import urlsplit
from wsgiref.headers import Headers

import flask

from ffapp.core.config import Settings


def install(app: flask.Flask, settings: Settings) -> None:
    """Set the security headers on every answer that does not bring its own."""
    headers = _headers(settings)

    @app.after_request
    def add(response: flask.Response) -> flask.Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if response.mimetype == "text/html":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


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
    # Forms go only to us, but a form's answer may lead on to Zoom, and browsers check that too.
    zoom = (
        f"{urlsplit(settings.simulators_url).scheme}://{urlsplit(settings.simulators_url).netloc}"
        if settings.zoom.simulated
        else "https://*.zoom.us https://zoom.us"
    )
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data:",
            "base-uri 'none'",
            "object-src 'none'",
            f"form-action 'self' {zoom}",
            "frame-ancestors 'self'",
        )
    )
