"""What the clients of providers share."""

from typing import Any, Self

import httpx

from ffapp.core.outcomes import Unclear
from ffapp.providers.kit.http import build_transport
from ffapp.providers.kit.settings import ProviderSettings

_current: dict[type, Any] = {}


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

    def close(self) -> None:
        self.http.close()


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
