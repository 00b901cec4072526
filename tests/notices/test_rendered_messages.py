"""Every message as people get it, word for word, kept in `golden/`.

A wording that is changed on purpose is written there anew by `UPDATE_GOLDEN=1 pytest <this file>`,
and the difference is read before it is committed.
"""

import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest
from sqlalchemy import select

from ffapp.core import config
from ffapp.core.db import db, transaction
from ffapp.messaging.models import WhatsAppLog
from ffapp.notifications.models import Notification
from ffapp.people.consent_records import record_consent
from tests.notices.occasions import GUARDIAN, NOW, OCCASIONS, Scene

GOLDEN = Path(__file__).parent / "golden"
PHONE = "+919876500001"
BLOCKS = {"p", "h1", "h2", "li", "tr", "div", "br", "table", "ol", "ul", "td", "body"}


@pytest.fixture
def scene(travel, cast, client, worker):
    """Asha lives in London and has WhatsApp; Ravi has neither a zone of his own nor a phone."""
    travel.to(NOW)
    cast.asha.time_zone, cast.asha.phone = "Europe/London", PHONE
    db.session.commit()
    transaction(record_consent, cast.asha.guardians[0], "whatsapp", True, cast.admin)
    worker.drain()
    return Scene(cast, travel, client, worker)


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_each_message_reads_as_it_always_did(occasion, scene, settings, worker, mailbox, phone):
    if occasion.endswith("_too_early_to_join"):
        config.use(settings.changed(join_opens_minutes=10))
    OCCASIONS[occasion](scene)
    worker.drain()

    rule = _rule_of(occasion)
    parts = [
        *_mail("Asha, in London", mailbox(scene.cast.asha.email)),
        *_mail("Ravi", mailbox(scene.cast.ravi.email)),
        *_mail("Guardian", mailbox(GUARDIAN["email"])),
        *_chat(phone(PHONE) or phone(GUARDIAN["phone"])),
        *_bell(scene.cast.ravi, rule),
    ]
    _compare(occasion, _masked("\n".join(parts)))


@pytest.mark.parametrize("occasion", ["class_scheduled", "class_moved_longer", "invitation"])
def test_one_campaign_for_all_notices_says_the_same(occasion, scene, settings, worker):
    general = settings.providers["aisensy"].changed(campaign_name="general", campaigns={})
    config.use(settings.with_provider(general))
    OCCASIONS[occasion](scene)
    worker.drain()

    log = db.session.scalars(select(WhatsAppLog).order_by(WhatsAppLog.id.desc())).first()
    told = f"{log.campaign}: {log.parameters}\n{log.text}"
    _compare(f"general_campaign_{occasion}", _masked(told))


def _rule_of(occasion: str) -> str:
    rules = ("class_scheduled", "class_moved", "class_renamed", "class_cancelled")
    rules += ("class_reminder_24h", "class_reminder_15min", "classes_scheduled")
    rules += ("classes_cancelled", "recording_available")
    return next((rule for rule in rules if occasion.startswith(rule)), occasion)


def _mail(who: str, mails: list[dict[str, Any]]) -> list[str]:
    if not mails:
        return []
    mail = mails[-1]
    page = html5lib.parse(mail["html"], namespaceHTMLElements=False)
    (heading,) = page.iter("h1")
    bold = [_words(each) for each in page.iter() if _is_bold(each)]
    links = [f"{_words(each)} → {each.get('href')}" for each in page.iter("a")]
    return [
        f"=== {who}: subject",
        mail["subject"],
        f"=== {who}: text",
        mail["text"],
        f"=== {who}: heading of the HTML",
        _words(heading),
        f"=== {who}: bold in the HTML",
        *bold,
        f"=== {who}: links in the HTML",
        *links,
        f"=== {who}: words of the HTML",
        _words(page.find("body")),
    ]


def _is_bold(element: ElementTree.Element) -> bool:
    weighty = "font-weight:600" in element.get("style", "")
    return element.tag == "strong" or (weighty and element.tag != "a")


def _words(element: Any) -> str:
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Any) -> Any:
    yield " " if element.tag in BLOCKS else ""
    yield element.text or ""
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""
    yield " " if element.tag in BLOCKS else ""


def _chat(messages: list[dict[str, Any]]) -> list[str]:
    if not messages:
        return []
    last = messages[-1]
    return ["=== WhatsApp", f"{last['campaign']}: {last['params']}", last["text"]]


def _bell(person: Any, rule: str) -> list[str]:
    lines = db.session.scalars(
        select(Notification)
        .where(Notification.person_id == person.id, Notification.key.startswith(f"{rule}:"))
        .order_by(Notification.id)
    ).all()
    return ["=== Bell", lines[-1].title, lines[-1].body] if lines else []


def _masked(text: str) -> str:
    text = re.sub(r"/(links|guardian)/[\w.~-]+", r"/\1/TOKEN", text)
    text = re.sub(r"\b\d{6}\b", "CODE", text)
    return re.sub(r"/recordings/classes/\d+", "/recordings/classes/ID", text) + "\n"


def _compare(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()
