"""The configured clients, one of each, built once for the process."""

from collections.abc import Mapping

import httpx

from ffapp.core.config import Settings
from ffapp.providers.aisensy.client import AiSensyClient
from ffapp.providers.sendgrid.client import SendGridClient
from ffapp.providers.zoom.client import ZoomClient

_zoom: ZoomClient | None = None
_sendgrid: SendGridClient | None = None
_aisensy: AiSensyClient | None = None


def build(settings: Settings, transports: Mapping[str, httpx.BaseTransport]) -> None:
    """Build the clients; `transports` (provider → transport) take the network's place in tests."""
    global _zoom, _sendgrid, _aisensy
    _zoom = ZoomClient(settings.zoom, transports.get("zoom"))
    _sendgrid = SendGridClient(settings.sendgrid, transports.get("sendgrid"))
    _aisensy = AiSensyClient(settings.aisensy, transports.get("aisensy"))


def zoom() -> ZoomClient:
    assert _zoom is not None, "registry.build() has not been called"
    return _zoom


def sendgrid() -> SendGridClient:
    assert _sendgrid is not None, "registry.build() has not been called"
    return _sendgrid


def aisensy() -> AiSensyClient:
    assert _aisensy is not None, "registry.build() has not been called"
    return _aisensy
