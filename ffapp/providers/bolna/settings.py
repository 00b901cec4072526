"""Bolna's settings."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from ffapp.providers.kit.settings import (
    BaseUrl,
    Pairs,
    ProviderSettings,
    SettingWarning,
    Simulation,
    variable,
)

STANDARD = "Standard call"  # what the default agent is called where people choose
HEADER = "X-FFApp-Webhook-Key"


class BolnaSettings(ProviderSettings):
    """An agent at Bolna is what we call a script: its prompt says what is spoken.

    Bolna signs nothing. A post is proved by a header that is configured at the agent
    (`webhook_header`, `webhook_secret`), and by its address where `webhook_ips` names some.
    """

    key = "bolna"
    title = "Bolna"

    api_key: str = variable("BOLNA_API_KEY", "the API key, from Developers", required=True)
    default_agent_id: str = variable(
        "BOLNA_DEFAULT_AGENT_ID", "the agent of calls for which no other is chosen", required=True
    )
    scripts: Pairs = variable(
        "BOLNA_SCRIPTS", "further agents to choose from: name=agent id, separated by commas", {}
    )
    base_url: BaseUrl = variable(
        "BOLNA_API_BASE_URL", "where the API answers", "https://api.bolna.ai"
    )
    webhook_header: str = variable(
        "BOLNA_WEBHOOK_HEADER", "the header that each agent's webhook sends", HEADER
    )
    webhook_secret: str = variable("BOLNA_WEBHOOK_SECRET", "the value of that header")
    webhook_ips: str = variable(
        "BOLNA_WEBHOOK_IPS", "the only addresses that may post, separated by commas; empty: any"
    )

    @classmethod
    def simulated_values(cls, simulation: Simulation) -> dict[str, Any]:
        def agent(name: str) -> str:
            return str(uuid.UUID(simulation.secret(f"bolna-agent-{name}"), version=4))

        return {
            "api_key": f"bn-{simulation.secret('bolna-key')}",
            "default_agent_id": agent("standard"),
            "scripts": {"Fee reminder": agent("fees"), "Missed classes": agent("missed")},
            "base_url": f"{simulation.url}/bolna",
            "webhook_header": HEADER,
            "webhook_secret": simulation.secret("bolna-webhook", 64),
            "webhook_ips": "",
        }

    @property
    def agents(self) -> Mapping[str, str]:
        """Name of the script → agent id, the default one first."""
        return {STANDARD: self.default_agent_id, **self.scripts}

    @property
    def allowed_ips(self) -> frozenset[str]:
        return frozenset(filter(None, map(str.strip, self.webhook_ips.split(","))))

    def warnings(self) -> Iterator[SettingWarning]:
        if not self.webhook_secret:
            yield SettingWarning(
                "BOLNA_WEBHOOK_SECRET",
                "no post of Bolna’s can be proved, so calls are only asked about every ten minutes",
            )
