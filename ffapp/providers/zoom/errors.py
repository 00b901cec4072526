"""What Zoom's answers mean: nothing wrong, refused, for later, or unclear.

Zoom words its messages in the account's language and changes them; its `code` and the HTTP status
are what counts.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import httpx

from ffapp.core import clock
from ffapp.core.outcomes import ProviderError, Refused, Unavailable, Unclear
from ffapp.providers.kit import http
from ffapp.providers.kit.webhooks import object_of
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.sentences import (
    LACKS_SCOPE,
    SENTENCES,
    TOKEN_SENTENCES,
    scopes_sentence,
)

NOT_TAKEN = 300  # Zoom's code for a field that it does not take, and for some states of a meeting


@dataclass(frozen=True)
class Act:
    """What a call is for: `doing` completes “Zoom could not …”, `subject` is host or meeting.

    `repeatable` says that doing it twice is the same as once (reading, deleting).
    """

    doing: str
    subject: str
    repeatable: bool
    changes_host: str | None = None  # whose daily allowance of changes it counts against


def problem_in(response: httpx.Response, act: Act) -> ProviderError | None:
    """What is wrong with an answer, or None. HTTP 200 with a `code` is a refusal too."""
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return _limited(response, act)
    if response.status_code == httpx.codes.NO_CONTENT:
        return None
    body = http.json_of(response)
    if not isinstance(body, dict) or response.status_code >= 500:
        return unreadable(act)
    if response.is_success and "code" not in body:
        return None
    refusal = Refused(
        _sentence(body, act, response.status_code),
        status=response.status_code,
        code=str(body.get("code", "")) or None,
    )
    # Something that was sent does not suit Zoom: one of many may be at fault.
    refusal.divisible = body.get("code") == NOT_TAKEN and bool(body.get("errors"))
    return refusal


def unreadable(act: Act) -> ProviderError:
    """The answer was not one of Zoom's API: an error page, or something that cannot be read."""
    if act.repeatable:
        return Unavailable(f"Zoom could not {act.doing}: it is not answering properly.")
    return Unclear(
        f"Zoom may or may not have managed to {act.doing}: its answer was an error page."
    )


def means(error: Refused, code: int) -> bool:
    """Whether Zoom refused with that number."""
    return error.code == str(code)


def lacks_scope(response: httpx.Response) -> bool:
    """Whether the token was fine but is not allowed to do this."""
    code = object_of(http.json_of(response)).get("code")
    return response.status_code >= 400 and code == LACKS_SCOPE


def checked_token_answer(response: httpx.Response) -> httpx.Response:
    """The token endpoint's answer when it holds a token; otherwise Refused or Unavailable."""
    body = http.json_of(response)
    status = response.status_code
    if isinstance(body, dict) and response.is_success and body.get("access_token"):
        return response
    if not isinstance(body, dict) or response.is_success or status == 429 or status >= 500:
        raise Unavailable("Zoom is not giving out access tokens at the moment.")
    error = str(body.get("error", ""))
    told = body.get("reason") or error or f"HTTP {status}"
    fallback = f"Zoom refuses us an access token ({told}). Check the app in Zoom's App Marketplace."
    raise Refused(TOKEN_SENTENCES.get(error, fallback), status=status, code=error or None)


def _sentence(body: dict[str, Any], act: Act, status: int) -> str:
    code, message = body.get("code"), str(body.get("message", "")).strip()
    if code == LACKS_SCOPE:
        scopes = re.findall(r"[a-z_]+(?::[a-z_]+)+", message)
        # Zoom names both spellings; an app of ours always needs the one for the whole account.
        return scopes_sentence([each for each in scopes if each.endswith(":admin")] or scopes)
    if code == NOT_TAKEN and isinstance(body.get("errors"), list):
        message = "; ".join(
            f"{each.get('field')}: {each.get('message')}"
            for each in body["errors"]
            if isinstance(each, dict)
        )
    if isinstance(code, int) and code in SENTENCES:
        # A sentence may begin with its subject; an e-mail address stays as it is written.
        begins = SENTENCES[code].startswith("{") and "@" not in act.subject
        subject = act.subject[:1].upper() + act.subject[1:] if begins else act.subject
        return SENTENCES[code].format(subject=subject, message=message.rstrip("."))
    return f"Zoom refused to {act.doing} (HTTP {status}, code {code}): {message}"


def _limited(response: httpx.Response, act: Act) -> Unavailable:
    until = http.retry_at(response.headers)
    used_up = "The Zoom account has used up its requests for today"
    if until is None and _is_hosts_day(response, act):
        until = _next_midnight_utc()
        allowance = f"{wire.CHANGES_PER_HOST_AND_DAY} meetings that Zoom lets a host make or move"
        used_up = f"{act.changes_host} has used up the {allowance} in a day"
    elif until is None and response.headers.get("X-RateLimit-Type") == "Daily-limit":
        until = _next_midnight_utc()
    if until is None:
        return Unavailable("Zoom is getting too many requests at once. We try again shortly.")
    on = f"{until:%H:%M} UTC on {until.day} {until:%B}"
    return Unavailable(f"{used_up}. We go on after {on}.", retry_at=until)


def _is_hosts_day(response: httpx.Response, act: Act) -> bool:
    """Whether it is the host's 100 changes a day that are used up, not the requests a second.

    Only creating and moving counts against them. The headers then still show requests remaining,
    or the message, in whatever language, names the number or the hour.
    """
    if act.changes_host is None or response.headers.get("X-RateLimit-Type") == "QPS":
        return False
    left = response.headers.get("X-RateLimit-Remaining", "")
    words = response.text
    return (left.isdigit() and int(left) > 0) or "(100)" in words or "00:00:00" in words


def _next_midnight_utc() -> datetime:
    tomorrow = clock.wall() + timedelta(days=1)
    return datetime.combine(tomorrow.date(), time(), tomorrow.tzinfo)
