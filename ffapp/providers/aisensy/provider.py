"""AiSensy, as the registry knows it."""

from ffapp.providers.aisensy import webhook
from ffapp.providers.aisensy.client import AiSensyClient
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.kit.provider import Provider
from ffapp.providers.kit.webhooks import Post, Webhook


def _event_name(post: Post) -> str:
    event = webhook.parse(post.body)
    return f"{event.topic} {event.kind}".strip()


AISENSY = Provider(
    settings=AiSensySettings,
    client=AiSensyClient,
    simulator="ffapp.providers.aisensy.simulator.app:SIMULATOR",
    webhook=Webhook(
        verify=webhook.verify,
        dedupe_key=webhook.dedupe_key,
        event_name=_event_name,
        kept_headers=("X-Aisensy-Api-Version", "X-Aisensy-Project-Id"),
        advice={
            "another project": "Compare AISENSY_PROJECT_ID with the id of the project in AiSensy.",
            "": "Compare AISENSY_WEBHOOK_SECRET with the shared secret of the webhook in AiSensy.",
        },
    ),
)
