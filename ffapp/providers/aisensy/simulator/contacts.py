"""Contacts of the simulated project, and the topics `contact.*` of its webhook.

They are posted only with the switch `contact_topics`: a webhook has the topics that were chosen for
it, and ours needs none of these.
"""

import secrets
from typing import Any

from ffapp.core import clock
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator.scenarios import CONTACT_TOPICS, PROVIDER
from ffapp.providers.simulating import store

CONTACT = "contact"


def meet(number: str, name: str) -> tuple[dict[str, Any], bool]:
    """The contact with this number (E.164), and whether it is new."""
    known = store.get(PROVIDER, CONTACT, number)
    if known is not None:
        return known, False
    made = {
        "type": "contact",
        "id": secrets.token_hex(12),
        "project_id": AiSensySettings.current().project_id,
        "name": name,
        "phone_number": number.removeprefix("+"),
        "country_code": number.removeprefix("+")[:2],  # unconfirmed: the form
        "created_at": round(clock.now().timestamp() * 1000),
        "is_closed": False,
        "is_requesting": False,
        "is_intervened": False,
        "tags": [],
        "attributes": {},
        "opted_in": True,
    }
    store.put(PROVIDER, CONTACT, number, made)
    return made, True


def note_send(number: str, send: wire.Send) -> list[tuple[str, dict[str, Any]]]:
    """What a send changes about its contact: topic and data of each post."""
    contact, is_new = meet(number, send.user_name)
    topics = [wire.CONTACT_CREATED] if is_new else []
    known = {each["name"] for each in contact["tags"]}
    new_tags = [tag for tag in dict.fromkeys(send.tags) if tag not in known]
    if new_tags:
        contact["tags"] += [{"name": tag} for tag in new_tags]  # unconfirmed: the keys of a tag
        topics.append(wire.CONTACT_TAGS)
    if not send.attributes.items() <= contact["attributes"].items():
        contact["attributes"] |= send.attributes
        topics.append(wire.CONTACT_ATTRIBUTES)
    store.put(PROVIDER, CONTACT, number, contact)
    return [(topic, {"contact": described(contact)}) for topic in topics if are_posted()]


def set_opted_in(number: str, name: str, opted_in: bool) -> None:
    contact, _ = meet(number, name)
    store.put(PROVIDER, CONTACT, number, {**contact, "opted_in": opted_in})


def described(contact: dict[str, Any]) -> dict[str, Any]:
    """As the topics carry it."""
    return {name: value for name, value in contact.items() if name != "opted_in"}


def are_posted() -> bool:
    return bool(store.switch(PROVIDER, CONTACT_TOPICS))
