"""How every call to a provider leaves us, and the base class of the clients.

`build_transport` is the one way out. It refuses to call inside a web request or an open
transaction, holds a total deadline (not only one per socket read), writes one log line a call,
remembers the exchange for the ledger with secrets masked, and translates broken connections into
`Unavailable` (nothing was written) or `Unclear` (it was).
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

import flask
import httpx
import structlog

from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.core.outcomes import Unavailable, Unclear
from ffapp.providers.kit import webhooks
from ffapp.providers.kit.deadline import DeadlineTransport, within
from ffapp.providers.kit.settings import ProviderSettings

log = structlog.get_logger()

_exchanges: ContextVar[list[dict[str, Any]] | None] = ContextVar("exchanges", default=None)

SECRET_KEYS = re.compile(
    r'("[a-z0-9_]*(?:password|passcode|token|secret|api_?key|zak|start_url|pwd)[a-z0-9_]*"\s*:\s*)'
    r'"(?:[^"\\]|\\.)*"',
    re.I,
)
SECRET_PARAMETERS = re.compile(r"([?&](?:pwd|zak|tk|access_token)=)[^&\"\s]+")
SECRET_LINKS = re.compile(r"(/links/)[\w.-]+")
PHONES = re.compile(r"\+\d{6,13}(\d{2})\b")
PHONE_KEYS = re.compile(r'("(?:phone_number|destination)"\s*:\s*")\d{5,13}(\d{2}")')


_current: dict[type, Any] = {}


class CallNotAllowed(RuntimeError):
    """Our own mistake: a provider was called where a person or a row lock would wait for it."""


def build_transport(provider: str, inner: httpx.BaseTransport | None = None) -> "ProviderTransport":
    """The transport of a provider's client; `inner` takes the place of the network in tests."""
    return ProviderTransport(provider, inner or DeadlineTransport())


@contextmanager
def recording() -> Iterator[list[dict[str, Any]]]:
    """Collect the exchanges of the calls made in the block: method, url, status, ms, bodies."""
    exchanges: list[dict[str, Any]] = []
    reset = _exchanges.set(exchanges)
    try:
        yield exchanges
    finally:
        _exchanges.reset(reset)


class ProviderTransport(httpx.BaseTransport):
    def __init__(self, provider: str, inner: httpx.BaseTransport) -> None:
        self.provider = provider
        self.inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        _refuse_where_somebody_waits()
        started = time.monotonic()
        status: int | str = "no answer"
        answer = ""
        try:
            with within(config.current().provider_deadline_seconds):
                response = self.inner.handle_request(request)
                response.read()
            status, answer = response.status_code, response.text
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unavailable(f"{self.provider} could not be reached.") from error
        except httpx.TimeoutException as error:
            raise Unclear(f"{self.provider} did not answer in time.") from error
        except (httpx.TransportError, httpx.DecodingError, OSError) as error:
            raise Unclear(f"The connection to {self.provider} broke off.") from error
        finally:
            self._remember(request, status, answer, round((time.monotonic() - started) * 1000))
        return response

    def close(self) -> None:
        self.inner.close()

    def _remember(self, request: httpx.Request, status: int | str, answer: str, ms: int) -> None:
        path = request.url.path
        log.info(
            "provider.call",
            provider=self.provider,
            method=request.method,
            path=path,
            status=status,
            ms=ms,
        )
        exchanges = _exchanges.get()
        if exchanges is not None:
            body = request.content.decode("utf-8", "replace")
            exchanges.append(
                {
                    "method": request.method,
                    "url": mask(str(request.url)),
                    "status": status,
                    "ms": ms,
                    "request": mask(body)[:4000],
                    "response": mask(answer)[:4000],
                }
            )


def mask(text: str) -> str:
    """`text` without passwords, tokens, private links and phone numbers."""
    text = SECRET_KEYS.sub(r'\1"•••"', text)
    text = SECRET_PARAMETERS.sub(r"\1•••", text)
    text = SECRET_LINKS.sub(r"\1•••", text)
    text = PHONE_KEYS.sub(r"\1•••\2", text)
    return PHONES.sub(r"+•••\1", text)


def retry_at(headers: httpx.Headers) -> datetime | None:
    """When `Retry-After` says to come back: seconds, an HTTP date or an ISO date (Zoom's)."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isdigit():
        return clock.wall() + timedelta(seconds=int(value))
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            parsed = parse(value)
        except ValueError:
            continue
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return None


def json_of(response: httpx.Response) -> Any:
    """The answer's JSON, or None when it is something else (an HTML error page, nothing)."""
    return webhooks.json_of(response.content)


def _refuse_where_somebody_waits() -> None:
    if flask.has_request_context():
        raise CallNotAllowed("a provider must not be called while a web request waits")
    if flask.has_app_context() and db.session.registry.has() and db.session().in_transaction():
        raise CallNotAllowed("a provider must not be called inside an open transaction")


class Client:
    """Base class of a provider's client; there is one for the process, safe between threads."""

    def __init__(self, settings: ProviderSettings, http: httpx.Client) -> None:
        self.settings: Any = settings
        self.http = http

    @classmethod
    def current(cls) -> Self:
        """The process's client; KeyError before `registry.build()`."""
        return _current[cls]  # type: ignore[no-any-return]

    def use(self) -> None:
        """Make this the process's client."""
        _current[type(self)] = self

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; raises Unavailable or Unclear, nothing of httpx."""
        try:
            return self.http.request(method, path, **options)
        except httpx.RequestError as error:
            # What is left after the transport's own translation: an answer that cannot be decoded.
            raise Unclear(f"{self.settings.title}'s answer could not be read.") from error


def open_http(
    settings: ProviderSettings, inner: httpx.BaseTransport | None, headers: dict[str, str]
) -> httpx.Client:
    """An httpx client for the provider; `inner` takes the network's place in tests."""
    return httpx.Client(
        base_url=settings.base_url,
        headers={"User-Agent": "ffapp", **headers},
        transport=build_transport(settings.title, inner),
        timeout=None,  # the transport holds one deadline over the whole call
    )


def is_page(response: httpx.Response) -> bool:
    """Whether something between us and the provider answered with a page of its own."""
    return "html" in response.headers.get("Content-Type", "")
