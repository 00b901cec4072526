"""Each provider as its page shows it: mode, credentials by name, health, and what is left to do."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ffapp.core import config
from ffapp.providers.connections import Connection, last_answers
from ffapp.providers.kit.provider import Provider
from ffapp.providers.kit.settings import ProviderSettings
from ffapp.providers.registry import PROVIDERS
from ffapp.web.admin.providers import health
from ffapp.web.admin.providers.health import Traffic
from ffapp.web.admin.webhooks.declarations import advice
from ffapp.webhooks.models import WebhookRefusal

FLAG = "USE_REAL_EXTERNAL_APIS"


@dataclass(frozen=True)
class Variable:
    """One variable by name; its value is shown nowhere."""

    name: str
    purpose: str
    is_required: bool
    is_set: bool


@dataclass(frozen=True)
class Step:
    """One step of going live; `text` says what is so, or what to do."""

    title: str
    text: str
    is_done: bool


@dataclass(frozen=True)
class Overview:
    """One provider. `decided_by` is the variable that decides its mode, '' where none is set."""

    provider: Provider
    settings: ProviderSettings
    decided_by: str
    variables: Sequence[Variable]
    connection: Connection | None
    traffic: Traffic
    delivery: Any
    refusal: WebhookRefusal | None

    @property
    def is_real(self) -> bool:
        return not self.settings.simulated

    @property
    def missing(self) -> list[str]:
        """The required variables that are not set."""
        return [each.name for each in self.variables if each.is_required and not each.is_set]

    @property
    def advice(self) -> str:
        """What to check where posts were refused."""
        return advice(self.refusal) if self.refusal else ""

    @property
    def hook_url(self) -> str:
        """The address that the provider is to post to; '' where it posts nothing."""
        base = config.current().public_url.rstrip("/")
        return f"{base}/hooks/{self.provider.key}" if self.provider.webhook else ""


def overviews() -> list[Overview]:
    """All registered providers; five queries, however many there are."""
    environ, answers, traffic = os.environ, last_answers(), health.traffic()
    deliveries, refusals = health.last_deliveries(), health.last_refusals()
    found = []
    for provider in PROVIDERS:
        own = config.current().of(provider.settings)
        found.append(
            Overview(
                provider,
                own,
                _decided_by(provider, environ),
                _variables(own, environ),
                answers.get(provider.title),
                traffic.get(provider.title, Traffic()),
                deliveries.get(provider.key),
                refusals.get(provider.key),
            )
        )
    return found


def _decided_by(provider: Provider, environ: Mapping[str, str]) -> str:
    names = (f"{provider.key.upper()}_MODE", FLAG)
    return next((name for name in names if environ.get(name, "").strip()), "")


def _variables(own: ProviderSettings, environ: Mapping[str, str]) -> list[Variable]:
    """Required ones first. A simulated provider has values of its own, so the environment tells."""
    found = []
    for name, field in type(own).model_fields.items():
        extra = field.json_schema_extra
        if not field.alias or not isinstance(extra, dict):
            continue
        is_set = bool(environ.get(field.alias, "").strip())
        if not own.simulated:
            is_set = is_set or not own.is_default(name)
        required = bool(extra["required"])
        found.append(Variable(field.alias, field.description or "", required, is_set))
    return sorted(found, key=lambda each: not each.is_required)


def checklist(shown: Overview) -> list[Step]:
    """What is done and what is left before the provider can be relied on."""
    steps = [_credentials(shown), *_warnings(shown), _address(shown), _mode(shown)]
    steps.append(_connection(shown))
    if shown.provider.webhook:
        steps.append(_webhook(shown))
    steps.append(_act(shown))
    return steps


def _credentials(shown: Overview) -> Step:
    missing = ", ".join(shown.missing)
    text = f"Not set: {missing}." if missing else "Every required variable is set."
    return Step("Credentials", text, not missing)


def _warnings(shown: Overview) -> list[Step]:
    found = shown.settings.warnings()
    return [Step(each.variable, each.sentence, is_done=False) for each in found]


def _address(shown: Overview) -> Step:
    settings = config.current()
    says = "is https" if settings.secure else "is not https: set it to the address that all reach"
    return Step("PUBLIC_URL", f"{settings.public_url} {says}.", settings.secure)


def _mode(shown: Overview) -> Step:
    key = f"{shown.provider.key.upper()}_MODE"
    text = "Calls go to the real one." if shown.is_real else f"Set {key}=real and start again."
    return Step("Mode", text, shown.is_real)


def _connection(shown: Overview) -> Step:
    answer = shown.connection
    if not shown.is_real or answer is None or answer.simulated:
        return Step("Connection", "Check it once the real provider is in use.", is_done=False)
    return Step("Connection", answer.sentence, answer.works)


def _webhook(shown: Overview) -> Step:
    last, refused = shown.delivery, shown.refusal
    if not shown.is_real:
        text = "Set the webhook’s address at the provider; its first post is noted here."
        return Step("Webhook", text, is_done=False)
    if last is None:
        return Step("Webhook", "No genuine post has come yet.", is_done=False)
    if refused and refused.last_at > last.received_at:
        return Step("Webhook", f"The last post was refused. {shown.advice}", is_done=False)
    return Step("Webhook", "Genuine posts come in.", is_done=True)


def _act(shown: Overview) -> Step:
    last = shown.traffic.success
    if not shown.is_real or last is None:
        text = "Nothing has gone through the real provider yet. Send a test or do one real act."
        return Step("First real act", text, is_done=False)
    failed = shown.traffic.error is not None and shown.traffic.error.at > last.at
    text = "The last act was not accepted." if failed else "The last act was accepted."
    return Step("First real act", text, not failed)
