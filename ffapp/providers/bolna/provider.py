"""Bolna, as the registry knows it."""

from ffapp.providers.bolna import webhook
from ffapp.providers.bolna.client import BolnaClient
from ffapp.providers.bolna.settings import BolnaSettings
from ffapp.providers.kit.provider import Provider
from ffapp.providers.kit.webhooks import Webhook

BOLNA = Provider(
    settings=BolnaSettings,
    client=BolnaClient,
    simulator="ffapp.providers.bolna.simulator.app:SIMULATOR",
    webhook=Webhook(
        verify=webhook.verify,
        dedupe_key=webhook.dedupe_key,
        event_name=webhook.event_name,
        secrets=webhook.NOT_KEPT,
        largest=webhook.LARGEST,
        covers_body=False,
        advice={
            "address": "Compare BOLNA_WEBHOOK_IPS with the addresses in Bolna’s documentation.",
            "": "Compare BOLNA_WEBHOOK_SECRET and BOLNA_WEBHOOK_HEADER with the header that the "
            "agent’s webhook sends.",
        },
    ),
)
