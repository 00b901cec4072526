"""AiSensy's settings."""

from typing import Any, Self

from pydantic import model_validator

from ffapp.providers.kit.settings import (
    BaseUrl,
    Pairs,
    ProviderSettings,
    Simulation,
    missing,
    variable,
)


class AiSensySettings(ProviderSettings):
    """`campaigns` (notice → campaign) come first, then `campaign_name`, then the notice's name.

    `project_id` and `webhook_secret` are empty where AiSensy posts us nothing: its smaller plans
    have no webhooks, so messages go out and nobody hears what became of them.
    """

    key = "aisensy"
    title = "AiSensy"

    api_key: str = variable(
        "AISENSY_API_KEY", "the project's API key, from Manage › API Key", required=True
    )
    campaign_name: str = variable(
        "AISENSY_CAMPAIGN_NAME", "the campaign of every notice that AISENSY_CAMPAIGNS leaves out"
    )
    campaigns: Pairs = variable("AISENSY_CAMPAIGNS", "notice=campaign, separated by commas", {})
    base_url: BaseUrl = variable(
        "AISENSY_BASE_URL",
        "where the Campaign API answers; a reseller has a host and a brand of its own",
        "https://backend.aisensy.com/campaign/t1/api",
    )
    project_id: str = variable("AISENSY_PROJECT_ID", "the project whose webhooks are let in")
    webhook_secret: str = variable("AISENSY_WEBHOOK_SECRET", "the webhook's shared secret")

    @classmethod
    def simulated_values(cls, simulation: Simulation) -> dict[str, Any]:
        return {
            "api_key": simulation.secret("aisensy-key", 40),
            "base_url": f"{simulation.url}/aisensy/campaign/t1/api",
            "project_id": simulation.secret("aisensy-project", 24),
            "webhook_secret": simulation.secret("aisensy-webhook", 64),
        }

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        """A project without its secret, or the other way round, is a mistake."""
        if bool(self.project_id) != bool(self.webhook_secret):
            absent = "AISENSY_WEBHOOK_SECRET" if self.project_id else "AISENSY_PROJECT_ID"
            raise missing(type(self), absent)
        return self
