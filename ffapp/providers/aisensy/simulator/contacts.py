"""AiSensy's contacts: made on the first message, opted in until the person writes STOP."""

from ffapp.core import config
from ffapp.providers.aisensy.simulator.switches import PROVIDER
from ffapp.providers.kit.settings import simulated_secret
from ffapp.providers.simulating import store

CONTACT = "contact"
# unconfirmed: which words the project's dashboard has as opt-out keywords, and that START undoes it
OPT_OUT, OPT_IN = {"stop", "unsubscribe"}, {"start"}


def identifier(what: str) -> str:
    """An id of 24 hex digits, always the same for the same thing."""
    return simulated_secret(config.current().secret_key, f"aisensy {what}", 24)


def heard(number: str, text: str) -> None:
    """Somebody wrote to us; the keywords change whether they are opted in."""
    word = text.strip().lower()
    if word in OPT_OUT | OPT_IN:
        store.put(PROVIDER, CONTACT, number, {"opted_in": word in OPT_IN})


def has_opted_out(number: str) -> bool:
    contact = store.get(PROVIDER, CONTACT, number)
    return contact is not None and not contact["opted_in"]
