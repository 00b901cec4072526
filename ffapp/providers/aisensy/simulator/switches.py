"""What the control page or a test may set to change how the simulated AiSensy behaves."""

from typing import Any

from sqlalchemy import select

from ffapp.providers.simulating import store
from ffapp.providers.simulating.descriptor import Switch

PROVIDER = "aisensy"

NO_CREDITS, NO_PLAN, NOT_LIVE = "no_credits", "no_plan", "not_live"
BUTTON, MEDIA = "button", "media"
ERROR_KEYS, BAD_KEY, OPTED_OUT = "error_keys", "bad_key", "opted_out"
RATE_LIMIT = "rate_limit"
DROP, DUPLICATE, REORDER, DELAY = "drop", "duplicate", "reorder", "delay"
DISABLED, SUSPENDED = "webhook_disabled", "webhook_suspended"

SWITCHES = (
    Switch(NO_CREDITS, "Wallet empty", "Every send answers 402, as an empty wallet does."),
    Switch(NO_PLAN, "No plan", "Every send answers 400 “No Plan active on assistant!”."),
    Switch(NOT_LIVE, "Campaigns paused", "Every send answers “Campaign is Not Live”."),
    Switch(
        BUTTON,
        "Template with a button",
        "Somebody gave the templates a dynamic button; sends without its parameter are refused.",
    ),
    Switch(
        MEDIA,
        "Template with a picture",
        "Somebody gave the templates a picture; sends without one are refused (assumed words).",
    ),
    Switch(
        RATE_LIMIT,
        "Rate limit",
        "More sends a second are answered 429 (assumed words; AiSensy names no limit).",
        unit="sends",
    ),
    Switch(
        OPTED_OUT,
        "Opted out is refused",
        "Sends to who has opted out answer 400 (assumed); otherwise they fail later, as 131050.",
        choices=("400 opted out",),
    ),
    Switch(
        BAD_KEY,
        "A wrong key's answer",
        "What a wrong key is answered with was never captured: 401 “Unauthorized” when not set.",
        choices=("401 unauthorized", "401 key", "403 unauthorized"),
    ),
    Switch(
        ERROR_KEYS,
        "Shape of account errors",
        "Which generation of keys they have; otherwise the three take turns.",
        choices=("old", "mid", "new"),
    ),
    Switch(DROP, "Lose webhooks", "No event is posted at all."),
    Switch(DUPLICATE, "Duplicate webhooks", "Each event is posted twice, under one id."),
    Switch(REORDER, "Reorder webhooks", "Later events come first: read before delivered."),
    Switch(DELAY, "Delay webhooks", "Events come so much later than they would.", unit="seconds"),
    Switch(
        DISABLED,
        "Webhook disabled",
        "Set by itself once our door answers 410: nothing is posted until it is switched off.",
    ),
    Switch(
        SUSPENDED,
        "Webhook suspended",
        "Set by itself after more than 100 failed posts in 20 minutes, until the time it shows.",
    ),
)


def read() -> dict[str, Any]:
    """Name → value of every switch that is on, in one question."""
    table = store.switches
    query = select(table.c.name, table.c.value).where(table.c.provider == PROVIDER)
    with store.open_store().connect() as connection:
        return {row.name: row.value for row in connection.execute(query)}
