"""What goes over the wire between AiSensy and us: bodies, literal words, signatures.

Client, webhook and simulator meet here (and in `campaigns.py` and `failures.py`) and nowhere else.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

SEND_PATH = "/v2"  # below the base URL, which ends in the reseller's brand and `/api`
OLD_SEND_PATH = ""  # v1, which old clients still use
DETAILS_PATH = "/campaign-details"
EMPTY = "–"  # WhatsApp takes no empty parameter

SIGNATURE = "X-AiSensy-Signature"
API_VERSION = "X-AiSensy-API-Version"
PROJECT_ID = "X-AiSensy-Project-Id"

NO_CREDITS = "Insufficient WhatsApp Conversation Credits (WCC)!"
NO_PLAN = "No Plan active on assistant!"
PARAMS_DIFFER = "Template params does not match the campaign"
NO_CAMPAIGN = "Campaign does not exist."
NOT_LIVE = "Campaign is Not Live"
INVALID_NUMBER = "Invalid Number"

MESSAGE_CREATED = "message.created"
USER_MESSAGE = "message.sender.user"
STATUS_UPDATED = "message.status.updated"
CONTACT_CREATED = "contact.created"
CONTACT_TAGS = "contact.tag.updated"
CONTACT_ATTRIBUTES = "contact.attribute.revised"
CONTACT_CAMPAIGN = "contact.campaign."  # and the status, in small letters
USER = "USER"  # the sender of what a person writes to us

_EFFECT = re.compile(r"ffapp effect (\d{1,18})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Wire(BaseModel):
    model_config = ConfigDict(
        extra="ignore", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class Send(Wire):
    """The body of a send, as far as it is used."""

    api_key: str
    campaign_name: str
    destination: str  # E.164 with its plus
    user_name: str
    template_params: list[str]
    source: str | None = None
    tags: list[str] = []
    attributes: dict[str, str] = {}


class Details(Wire):
    """The body of campaign-details."""

    api_key: str
    campaign_name: str


def clean(text: str) -> str:
    """`text` as WhatsApp takes it in a parameter: one line, single spaces, never empty."""
    return " ".join(_CONTROL.sub(" ", text).split()) or EMPTY


def source_of(effect_id: str) -> str:
    """Our effect as `source`, AiSensy's free label. Nothing hands it back to us."""
    return f"ffapp effect {effect_id}"


def effect_in(source: Any) -> str | None:
    """The effect that a `source` names, if it is one of ours."""
    found = _EFFECT.fullmatch(source) if isinstance(source, str) else None
    return found.group(1) if found else None


def submitted_id(payload: Any) -> str | None:
    """The message's id in an answer that says yes; None when the answer says anything else."""
    if not isinstance(payload, dict) or str(payload.get("success")).lower() != "true":
        return None
    found = payload.get("submitted_message_id")
    return found if isinstance(found, str) and found else None


def words_in(payload: Any, text: str = "") -> str:
    """AiSensy's own words in an answer, whichever of its shapes that has; else `text`, cut."""
    if isinstance(payload, dict):
        error = payload.get("error")
        nested = error.get("message") if isinstance(error, dict) else error
        for words in (payload.get("message"), payload.get("errorMessage"), nested):
            if isinstance(words, str) and words.strip():
                return words.strip()
    return " ".join(text.split())[:200]


def params_in(payload: Any) -> Sequence[Any] | None:
    """The parameters that campaign-details says a campaign takes; None when it does not say."""
    if not isinstance(payload, dict):
        return None
    # unconfirmed: where the description stands; AiSensy's own node looks in these three places
    for outer in (payload, payload.get("data"), payload.get("campaign")):
        body = outer.get("requestBody") if isinstance(outer, dict) else None
        if isinstance(body, dict) and isinstance(body.get("templateParams"), list):
            return list(body["templateParams"])
    return None


def compact(value: Any) -> bytes:
    """The JSON text that AiSensy signs and posts; raises UnicodeEncodeError for half a letter."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def signature(secret: str, body: bytes) -> str:
    """The signature header's value. The secret's own letters are the key, though they look hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
