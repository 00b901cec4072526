"""What happened to the texts of messages, and to where they go, in sentences."""

from typing import Any

from ffapp.messaging import compose
from ffapp.web.admin.labels import Say, Words


def _mail(facts: dict[str, Any]) -> str:
    return f"the e-mail {_title(facts)}"


def _title(facts: dict[str, Any]) -> str:
    notice = compose.notice_named(facts.get("notice", ""))
    return f"“{notice.title}”" if notice else "of a notice that is no more"


def _lifted(facts: dict[str, Any], zone: str) -> Words:
    where = "on WhatsApp" if facts.get("channel") == "whatsapp" else "by e-mail"
    return Words(f"let them be written to {where} again", tone="good")


TEMPLATES: dict[str, Say] = {
    "address_lifted": _lifted,
    "template_changed": lambda facts, zone: Words(f"rewrote {_mail(facts)}", tone="info"),
    "template_reset": lambda facts, zone: Words(
        f"went back to the standard text of {_mail(facts)}"
    ),
    "test_message_requested": lambda facts, zone: Words(
        f"had a test of {_mail(facts)} sent to themselves"
    ),
}
