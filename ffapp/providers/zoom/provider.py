"""Zoom, as the registry knows it."""

from ffapp.providers.kit.provider import Provider
from ffapp.providers.kit.webhooks import Webhook, json_of, object_of, text_of
from ffapp.providers.zoom import webhook
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.settings import ZoomSettings

ZOOM = Provider(
    settings=ZoomSettings,
    client=ZoomClient,
    check_asks_database=True,  # all processes share its token there
    simulator="ffapp.providers.zoom.simulator.app:SIMULATOR",
    pages=("https://*.zoom.us", "https://zoom.us"),
    webhook=Webhook(
        verify=webhook.verify,
        dedupe_key=webhook.dedupe_key,
        event_name=lambda post: text_of(object_of(json_of(post.body)), "event"),
        answer=webhook.validation_answer,
        kept_headers=("X-Zm-Request-Id", "X-Zm-Request-Timestamp"),
        secrets=("download_token",),
        advice={
            "": "Compare ZOOM_WEBHOOK_SECRET with the secret token of the app in Zoom's"
            " Marketplace."
        },
    ),
)
