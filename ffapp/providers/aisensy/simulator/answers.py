"""How AiSensy says yes and no, byte for byte where it was seen.

What was never seen is `assumed` and says so in a header, so that nobody takes it for knowledge.
"""

import json
import secrets
import string
from typing import Any

from flask import Response

from ffapp.providers.aisensy.simulator.scenarios import ERROR_KEYS, PROVIDER
from ffapp.providers.simulating import store

ASSUMED = "X-Simulator-Assumed"
BASE36 = string.digits + string.ascii_lowercase
KEY_SETS = ("old", "mid", "new")

# knob → its choices → status and words; the first is what happens when the knob is not set
ASSUMPTIONS: dict[str, dict[str, tuple[int, str]]] = {
    "bad_key": {
        "401 unauthorized": (401, "Unauthorized"),
        "401 key": (401, "Invalid API key"),
        "403 unauthorized": (403, "Unauthorized"),
    },
    "opted_out": {"400 opted out": (400, "User has opted out")},
    "no_media": {"400 media": (400, "Media is required")},
    "rate_limit": {"429": (429, "Too many requests")},
}


def yes(values: dict[str, Any]) -> Response:
    return _json(200, {"success": "true", **values})  # the word, not a boolean


def no(status: int, words: str) -> Response:
    """The shape of everything that concerns one message or campaign."""
    return _json(status, {"message": words})


def account_no(status: int, words: str) -> Response:
    """The shape of what concerns the whole account; its keys have grown over the years.

    The three generations take turns, unless a switch fixes one.
    """
    chosen = store.switch(PROVIDER, ERROR_KEYS)
    keys = chosen or KEY_SETS[store.count(PROVIDER, ERROR_KEYS, "all") % len(KEY_SETS)]
    body: dict[str, Any] = {"name": f"ERR{status}", "errorCode": status, "errorMessage": words}
    if keys != "old":
        body = {"message": words, **body}
    if keys == "new":
        body["aisTraceId"] = _trace_id()
    return _json(status, body)


def assumed(knob: str) -> Response:
    """An answer that nobody has captured; the switch named like the knob chooses among several."""
    choices = ASSUMPTIONS[knob]
    chosen = store.switch(PROVIDER, knob)
    status, words = choices[chosen if chosen in choices else next(iter(choices))]
    response = no(status, words)
    response.headers[ASSUMED] = knob
    return response


def _trace_id() -> str:
    letters = "".join(secrets.choice(BASE36) for _ in range(8))
    return f"ais_{letters}_{secrets.token_hex(4)}"


def _json(status: int, body: dict[str, Any]) -> Response:
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return Response(text, status, content_type="application/json; charset=utf-8")
