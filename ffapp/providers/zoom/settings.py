"""Zoom's settings."""

from collections.abc import Iterator
from typing import Any

from ffapp.providers.kit.settings import (
    BaseUrl,
    ProviderSettings,
    SettingWarning,
    Simulation,
    variable,
)


class ZoomSettings(ProviderSettings):
    key = "zoom"
    title = "Zoom"

    account_id: str = variable(
        "ZOOM_ACCOUNT_ID", "the Server-to-Server OAuth app's account", required=True
    )
    client_id: str = variable("ZOOM_CLIENT_ID", "the app's client id", required=True)
    client_secret: str = variable("ZOOM_CLIENT_SECRET", "the app's client secret", required=True)
    token_url: str = variable(
        "ZOOM_OAUTH_TOKEN_URL", "where tokens are fetched", "https://zoom.us/oauth/token"
    )
    base_url: BaseUrl = variable(
        "ZOOM_API_BASE_URL", "where the API answers", "https://api.zoom.us/v2"
    )
    webhook_secret: str = variable(
        "ZOOM_WEBHOOK_SECRET", "the app's secret token, which signs webhooks", required=True
    )
    host_email: str = variable(
        "ZOOM_HOST_EMAIL",
        "the Zoom user who hosts by default",
        "educator@futurefounders.example",
    )
    personal_links: bool = variable(
        "ZOOM_PERSONAL_LINKS", "false: all students of a class share one link", True
    )

    @classmethod
    def simulated_values(cls, simulation: Simulation) -> dict[str, Any]:
        return {
            "account_id": simulation.secret("zoom-account", 22),
            "client_id": simulation.secret("zoom-client", 22),
            "client_secret": simulation.secret("zoom-secret", 22),
            "webhook_secret": simulation.secret("zoom-webhook", 22),
            "token_url": f"{simulation.url}/zoom/oauth/token",
            "base_url": f"{simulation.url}/zoom/v2",
        }

    @property
    def address(self) -> str:
        return self.token_url

    def warnings(self) -> Iterator[SettingWarning]:
        if self.is_default("host_email"):
            yield SettingWarning(
                "ZOOM_HOST_EMAIL",
                f"{self.host_email} is the example. Set it to a Zoom user, or name a host in each"
                " class.",
            )
