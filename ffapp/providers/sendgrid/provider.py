"""SendGrid, as the registry knows it."""

from ffapp.providers.kit.provider import Provider
from ffapp.providers.kit.webhooks import Webhook
from ffapp.providers.sendgrid import webhook
from ffapp.providers.sendgrid.client import SendGridClient
from ffapp.providers.sendgrid.settings import SendGridSettings

SENDGRID = Provider(
    settings=SendGridSettings,
    client=SendGridClient,
    simulator="ffapp.providers.sendgrid.simulator.app:SIMULATOR",
    webhook=Webhook(
        verify=webhook.verify,
        dedupe_key=lambda post: post.digest,  # a post carries no id of its own
        event_name=lambda post: ", ".join(sorted({each.kind for each in webhook.parse(post.body)})),
        advice={
            "": "Compare SENDGRID_WEBHOOK_PUBLIC_KEY with the verification key of the signed event"
            " webhook in SendGrid."
        },
    ),
)
