"""“Send a test to me”: what a provider can do for the admin who asks, through the ledger.

A domain registers its own for a provider by `register_self_test`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ffapp.messaging import compose
from ffapp.messaging.send_test import NothingToSend, send_test
from ffapp.people.models import Person

# The first of which there is something to say: without a class yet, the invitation.
NOTICES = ("class_scheduled", "invitation")


@dataclass(frozen=True)
class SelfTest:
    """One provider's test. `why_not` is a sentence where this admin cannot have it; `request`
    plans it in the caller's transaction and answers what to tell them."""

    label: str
    why_not: Callable[[Person], str | None]
    request: Callable[[Person], str]


_self_tests: dict[str, SelfTest] = {}


def register_self_test(key: str, test: SelfTest) -> None:
    """Offer this test on the page of the provider with that key."""
    _self_tests[key] = test


def self_test_of(key: str) -> SelfTest | None:
    """None where the provider has nothing to send to an admin."""
    return _self_tests.get(key)


def _send(by: Person, channel: str) -> None:
    for name in NOTICES:
        notice = compose.notice_named(name)
        try:
            if notice is not None:
                return send_test(notice, None, by, channel)
        except NothingToSend:
            continue
    raise NothingToSend("There is no text to send yet.")


def _mail(by: Person) -> str:
    _send(by, "email")
    return f"A test goes to {by.email}"


def _chat(by: Person) -> str:
    _send(by, "whatsapp")
    return "A test goes to your WhatsApp number"


register_self_test(
    "sendgrid",
    SelfTest(
        "Send a test e-mail to me",
        lambda by: None if by.email else "Your account has no e-mail address.",
        _mail,
    ),
)
register_self_test(
    "aisensy",
    SelfTest(
        "Send a test WhatsApp to me",
        lambda by: None if by.phone else "Your account has no phone number to send a test to.",
        _chat,
    ),
)
