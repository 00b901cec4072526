"""What happened to the texts of messages, and to where they go, in sentences."""

from typing import Any

from ffapp.messaging import compose
from ffapp.web.admin.labels import Say, Words


def _mail(facts: dict[str, Any]) -> str:
    return f"the e-mail {_title(facts)}"


def _chat(facts: dict[str, Any]) -> str:
    return f"the WhatsApp text of {_title(facts)}"


def _title(facts: dict[str, Any]) -> str:
    notice = compose.notices.get(facts.get("notice", ""))
    return f"“{notice.title}”" if notice else "of a notice that is no more"


def _lifted(facts: dict[str, Any], zone: str) -> Words:
    where = "on WhatsApp" if facts.get("channel") == "whatsapp" else "by e-mail"
    return Words(f"let them be written to {where} again", tone="good")


TEMPLATES: dict[str, Say] = {
    "address_lifted": _lifted,
    "template_changed": lambda facts, zone: Words(f"rewrote {_mail(facts)}", tone="info"),
    "template_reset": lambda facts, zone: Words(f"went back to our own text of {_mail(facts)}"),
    "chat_template_written": lambda facts, zone: Words(f"rewrote {_chat(facts)}", tone="info"),
    "chat_template_used": lambda facts, zone: Words(
        f"heard from AiSensy that it carries {_chat(facts)}", tone="good"
    ),
    "chat_template_refused": lambda facts, zone: Words(
        f"heard from AiSensy that it does not carry {_chat(facts)}",
        facts.get("reason"),
        tone="bad",
    ),
    "chat_template_ended": lambda facts, zone: Words(
        f"went back to our own for {_chat(facts)}", tone="info"
    ),
}
