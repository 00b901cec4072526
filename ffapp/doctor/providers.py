"""Whether each provider takes our credentials, asked through the client that the house uses."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from ffapp.core.config import Settings
from ffapp.core.db import db
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.doctor.finding import Finding, ok, wrong
from ffapp.messaging import chat_templates
from ffapp.providers import registry
from ffapp.providers.aisensy.campaigns import Template
from ffapp.providers.deadline import within


def look_at_zoom(settings: Settings) -> Iterator[Finding]:
    zoom = settings.zoom
    yield _ask("Zoom", registry.zoom().check, settings, zoom.simulated, zoom.token_url)


def look_at_sendgrid(settings: Settings) -> Iterator[Finding]:
    mail = settings.sendgrid
    yield _ask("SendGrid", registry.sendgrid().check, settings, mail.simulated, mail.base_url)


def look_at_aisensy(settings: Settings) -> Iterator[Finding]:
    chat = settings.aisensy
    check = partial(registry.aisensy().check, _campaigns_of_admins())
    yield _ask("AiSensy", check, settings, chat.simulated, chat.base_url)


def _campaigns_of_admins() -> Mapping[str, Template]:
    try:
        return chat_templates.used_campaigns()
    except SQLAlchemyError:
        return {}  # that the database does not answer is said elsewhere
    finally:
        db.session.rollback()


def _ask(
    name: str, check: Callable[[], str], settings: Settings, simulated: bool, address: str
) -> Finding:
    what = f"{name} (simulated)" if simulated else name
    try:
        # One deadline for the whole, however many calls it takes.
        with within(settings.provider_deadline_seconds):
            return ok(what, check())
    except Refused as error:
        return wrong(what, error.reason)
    except ProviderError as error:
        if simulated:
            return wrong(what, f"{error.reason} Its simulator should answer at {address}.")
        return wrong(
            what, f"{error.reason} Look whether {address} can be reached from here, or wait."
        )
