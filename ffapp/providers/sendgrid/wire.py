"""What goes over the wire between SendGrid and us: bodies, literal words, event bytes, signatures.

Client, webhook and simulator meet here and nowhere else.
"""

import base64
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ffapp.providers.kit.webhooks import NotSigned

SEND_PATH = "/v3/mail/send"
SCOPES_PATH = "/v3/scopes"
BOUNCES_PATH = "/v3/suppression/bounces"
SEND_SCOPE = "mail.send"
MESSAGE_ID = "X-Message-Id"
RATE_LIMIT_RESET = "X-Ratelimit-Reset"  # unix seconds
EFFECT_ID = "effect_id"  # our custom argument; comes back as a top-level key of each event

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"  # unix seconds, decimal

WRONG_CREDENTIALS = "Permission denied, wrong credentials"
GRANT_INVALID = "The provided authorization grant is invalid, expired, or revoked"
NO_CREDITS = "Maximum credits exceeded"
OVER_LIMITS = "You have exceeded your messaging limits"
ACCESS_FORBIDDEN = "access forbidden"
SENDER_NOT_VERIFIED = (
    "The from address does not match a verified Sender Identity. Mail cannot be sent until this "
    "error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/"
    "sender-identity/ to see the Sender Identity requirements"
)
ADDRESS_NOT_VALID = "Does not contain a valid address."


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Address(Wire):
    email: str
    name: str | None = None


class Personalization(Wire):
    """One message: who gets it and what is particular to it."""

    to: list[Address]
    cc: list[Address] = []
    bcc: list[Address] = []
    from_: Address | None = Field(default=None, alias="from")
    subject: str | None = None
    substitutions: dict[str, str] = {}
    dynamic_template_data: dict[str, Any] = {}
    custom_args: dict[str, str] = {}
    send_at: int | None = None


class Content(Wire):
    type: str
    value: str


class Attachment(Wire):
    """A file; `content` is base64. The type has no parameters, but for `method=`."""

    content: str
    filename: str
    type: str | None = None
    disposition: str = "attachment"


class MailSend(Wire):
    """The body of POST /v3/mail/send, as far as it is used; `from` is `from_` in Python."""

    from_: Address = Field(alias="from")
    personalizations: list[Personalization]
    subject: str | None = None
    content: list[Content] = []
    tracking_settings: dict[str, dict[str, Any]] = {}
    attachments: list[Attachment] = []
    template_id: str | None = None
    custom_args: dict[str, str] = {}
    categories: list[str] = []
    send_at: int | None = None
    batch_id: str | None = None
    asm: dict[str, Any] | None = None
    mail_settings: dict[str, dict[str, Any]] = {}


class Problem(Wire):
    """One entry of `errors`; `field` is a dotted path such as `personalizations.3.to.0.email`."""

    message: str
    field: str | None = None
    help: str | None = None


class Problems(Wire):
    errors: list[Problem]


class Scopes(Wire):
    scopes: list[str]


def problems_in(payload: Any) -> list[Problem]:
    """The errors of an answer's JSON; none when it is shaped otherwise."""
    try:
        return Problems.model_validate(payload).errors
    except ValidationError:
        return []


def encode_events(rows: Iterable[dict[str, Any]]) -> bytes:
    """The webhook's exact body: sorted compact objects, `,` CRLF between, CRLF at the end.

    The signature covers these bytes; any other way to write the same JSON does not verify.
    """
    # unconfirmed: that letters outside ASCII are sent as they are
    texts = (
        json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for row in rows
    )
    return ("[" + ",\r\n".join(texts) + "]\r\n").encode()


def sign(key: ec.EllipticCurvePrivateKey, timestamp: str, body: bytes) -> str:
    """The value of the signature header: ECDSA over timestamp and body, DER, base64."""
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return base64.b64encode(signature).decode()


def verify(public_key: str, signature: str, timestamp: str, body: bytes) -> None:
    """Raise NotSigned unless `signature` covers `timestamp` and `body` under that key.

    `public_key` is base64 of a DER SubjectPublicKeyInfo on P-256, as SendGrid shows it.
    """
    key = _load(public_key)
    try:
        der = base64.b64decode(signature, validate=True)
    except ValueError as error:
        raise NotSigned("the signature is not base64") from error
    try:
        key.verify(der, timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise NotSigned("the signature does not cover this body under our key") from error


@lru_cache(maxsize=8)
def _load(public_key: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotSigned("our verification key cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise NotSigned("our verification key is not one of an elliptic curve")
    return key
