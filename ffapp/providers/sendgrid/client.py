"""Sending mail through SendGrid's v3 API."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from ffapp.core.outcomes import ProviderError, Refused, Unavailable, Unclear
from ffapp.providers.kit import http
from ffapp.providers.kit.http import Client, is_page, open_http
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.settings import SendGridSettings

ADDRESS_FIELD = re.compile(r"personalizations\.\d+\.to\b")
SEPARATORS = str.maketrans({",": " ", ";": " "})  # SendGrid allows neither in a name


@dataclass(frozen=True)
class Recipient:
    """One person's copy of a mail.

    `substitutions` maps tags (`-first_name-`) to what takes their place in subject, text and HTML,
    word for word: escape what goes into HTML, under a tag of its own if the text wants it plain.
    All of one recipient may have 10,000 bytes. `effect_id` comes back with every event.
    """

    email: str
    name: str
    effect_id: str
    substitutions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail, the same for everybody. `mimetype` has no parameters."""

    filename: str
    mimetype: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """One text to 1–1000 people, each of whom sees only themselves. `html` may be empty.

    With its attachments it may have 30 MB.
    """

    subject: str
    text: str
    html: str
    recipients: Sequence[Recipient]
    attachments: Sequence[Attachment] = ()


class MailRefused(Refused):
    """SendGrid found fault with the mail itself; it sent nothing to anybody.

    `divisible` is true unless SendGrid (also) complains about what all recipients share: then
    sending to the others is no use. `code` is `address` where the only fault is the address of a
    recipient, which the mail has then alone.
    """

    def __init__(self, problems: Sequence[wire.Problem]) -> None:
        words = "; ".join(_words(problem) for problem in problems[:3])
        more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
        super().__init__(
            f"SendGrid refused the mail: {words or 'it does not say why'}{more}",
            status=400,
            code="invalid",
        )
        fields = [problem.field or "" for problem in problems]
        if fields and all(ADDRESS_FIELD.match(field) for field in fields):
            self.code = "address"
        self.divisible = all(field.startswith("personalizations.") for field in fields)


class SendGridClient(Client):
    """The one client, real or simulated; `inner` takes the place of the network in tests."""

    def __init__(
        self, settings: SendGridSettings, inner: httpx.BaseTransport | None = None
    ) -> None:
        headers = {"Authorization": f"Bearer {settings.api_key}"}
        super().__init__(settings, open_http(settings, inner, headers))

    def send(self, mail: Mail) -> str | None:
        """Hand one mail to SendGrid; answers its message id, if it gives one.

        Raises MailRefused or another Refused, Unavailable (nothing was sent, later is better) or
        Unclear (it may have been sent).
        """
        body = self._body(mail).model_dump(by_alias=True, exclude_unset=True)
        response = self.call("POST", wire.SEND_PATH, json=body)
        if response.status_code == httpx.codes.ACCEPTED and not is_page(response):
            return response.headers.get(wire.MESSAGE_ID)
        raise self._error(response)

    def check(self) -> str:
        """One sentence saying that the key works and may send; raises as `send` does."""
        response = self.call("GET", wire.SCOPES_PATH)
        if response.status_code != httpx.codes.OK:
            raise self._error(response)
        try:
            scopes = wire.Scopes.model_validate(http.json_of(response)).scopes
        except ValidationError as error:
            raise Unavailable("SendGrid answered with something other than scopes.") from error
        if wire.SEND_SCOPE not in scopes:
            raise Refused(
                "SendGrid takes the key, but it may not send: give it the scope Mail Send.",
                status=200,
                code="scope",
            )
        return f"SendGrid takes the key, which may send mail ({len(scopes)} scopes)."

    def forget_bounce(self, email: str) -> None:
        """Let SendGrid send to an address again that did not take mail; raises as `send` does.

        One of which it knows nothing is fine.
        """
        response = self.call("DELETE", f"{wire.BOUNCES_PATH}/{quote(email, safe='')}")
        if response.status_code not in (httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND):
            raise self._error(response)

    def _body(self, mail: Mail) -> wire.MailSend:
        settings = self.settings
        contents = (("text/plain", mail.text), ("text/html", mail.html))
        off = {"enable": False}
        files = [_attachment(each) for each in mail.attachments]
        optional: dict[str, Any] = {"attachments": files} if files else {}
        return wire.MailSend(
            from_=wire.Address(email=settings.from_email, name=_sender_name(settings)),
            personalizations=[_personalization(each) for each in mail.recipients],
            subject=mail.subject,
            content=[wire.Content(type=kind, value=text) for kind, text in contents if text],
            # The recipients are minors: nobody follows what they open and click.
            tracking_settings={"click_tracking": off, "open_tracking": off},
            **optional,
        )

    def _error(self, response: httpx.Response) -> ProviderError:
        """What an answer other than the expected one means."""
        status = response.status_code
        problems = wire.problems_in(http.json_of(response))
        if status == 400:
            return MailRefused(problems)
        if status in (429, 503):
            return Unavailable(
                "SendGrid asks us to slow down." if status == 429 else "SendGrid is down.",
                retry_at=http.retry_at(response.headers) or _reset(response.headers),
            )
        if 400 <= status < 500:
            message = problems[0].message if problems else response.reason_phrase
            reason, code = self._refusal(status, message)
            return Refused(reason, status=status, code=code)
        return Unclear(f"SendGrid answered {status}, which does not say whether it took the mail.")

    def _refusal(self, status: int, message: str) -> tuple[str, str]:
        """What to tell people about a 4xx, and our word for it."""
        sender = self.settings.from_email
        match status, message:
            case 401, wire.NO_CREDITS:
                return "SendGrid's credits are used up: buy more, then send again.", "credits"
            case 401, _:
                return f"SendGrid does not take SENDGRID_API_KEY (“{message}”).", "credentials"
            case 403, wire.OVER_LIMITS:
                return "The SendGrid account is over its messaging limit.", "limits"
            case 403, wire.ACCESS_FORBIDDEN:
                return "The SendGrid key may not do this: give it the scope Mail Send.", "scope"
            case 403, _ if "sender identity" in message.lower():
                return (
                    f"SendGrid does not know {sender} as a sender: verify it under Settings › "
                    "Sender Authentication, or set SENDGRID_FROM_EMAIL to one that is verified."
                ), "sender"
            case 413, _:
                return "The mail is larger than SendGrid takes (30 MB).", "too_large"
            case 415, _:
                return f"SendGrid cannot read what we sent (“{message}”).", "format"
        return f"SendGrid refused with {status}: {message}", "refused"


def _personalization(recipient: Recipient) -> wire.Personalization:
    name = " ".join(recipient.name.translate(SEPARATORS).split())
    address = wire.Address(email=recipient.email, **({"name": name} if name else {}))
    tags = {"substitutions": dict(recipient.substitutions)} if recipient.substitutions else {}
    return wire.Personalization(
        to=[address], custom_args={wire.EFFECT_ID: recipient.effect_id}, **tags
    )


def _sender_name(settings: SendGridSettings) -> str:
    """The name beside the sender's address, which the educator may change while we run."""
    return SendGridSettings.current().from_name or settings.from_name


def _attachment(attachment: Attachment) -> wire.Attachment:
    return wire.Attachment(
        content=base64.b64encode(attachment.content).decode(),
        filename=attachment.filename,
        type=attachment.mimetype,
        disposition="attachment",
    )


def _words(problem: wire.Problem) -> str:
    return f"{problem.message} ({problem.field})" if problem.field else problem.message


def _reset(headers: httpx.Headers) -> datetime | None:
    value = headers.get(wire.RATE_LIMIT_RESET, "")
    if not (value.isascii() and value.isdecimal() and len(value) <= 10):
        return None
    return datetime.fromtimestamp(int(value), UTC)
