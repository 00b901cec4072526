"""What Zoom's refusals mean, in sentences for people that say what to do.

Zoom words its messages in the account's language and changes them; its `code` and the HTTP status
are what counts.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import httpx

from ffapp import clock
from ffapp.outcomes import ProviderError, Refused, Unavailable, Unclear
from ffapp.providers import http
from ffapp.providers.zoom import wire

LACKS_SCOPE = 4711
MEETING_GONE = 3001
NO_RECORDING = 3301

# Zoom's code → what happened and what to do; {subject} is the host or the meeting of the call.
SENTENCES: dict[int, str] = {
    124: "Zoom does not accept our access token, not even a new one. Check in Zoom's App "
    "Marketplace that the app is activated, then press Retry.",
    200: "Zoom does not permit this for {subject} ({message}). Check the plan of the Zoom account "
    "and the role of the person who made the app, then press Retry.",
    1000: "{subject} has not activated their Zoom user yet. Ask them to, then press Retry.",
    1001: "Zoom has no user {subject}. Correct the host's e-mail address, or add them to the Zoom "
    "account, then press Retry.",
    1008: "{subject} has not activated their Zoom user yet. Ask them to, then press Retry.",
    1010: "{subject} belongs to another Zoom account. Choose a host of our account, then press "
    "Retry.",
    1120: "{subject} has not accepted Zoom's invitation, or it ran out. Invite them again in Zoom, "
    "then press Retry.",
    2300: "Zoom does not know the address that was called. Check ZOOM_API_BASE_URL.",
    3000: "Zoom cannot do this with {subject} ({message}). A meeting that was turned into a "
    "webinar must be handled in Zoom.",
    MEETING_GONE: "Zoom no longer has {subject}: it was deleted there, or its number has expired.",
    3002: "{subject} is in progress. End it first, then press Retry.",
    3003: "The app may not act for the host of {subject}.",
    3007: "{subject} has already ended at Zoom.",
    3161: "{subject} is not allowed to host meetings. Give this user a Zoom licence, then press "
    "Retry.",
    NO_RECORDING: "Zoom has no recording of {subject}.",
    12702: "Zoom shows meetings of the last year only.",
}

TOKEN_SENTENCES = {
    "invalid_client": "Zoom does not accept our credentials. Check ZOOM_CLIENT_ID and "
    "ZOOM_CLIENT_SECRET.",
    "invalid_request": "Zoom does not accept our account. Check ZOOM_ACCOUNT_ID.",
    "unsupported_grant_type": "The Zoom app is not a Server-to-Server OAuth app. Make one in "
    "Zoom's App Marketplace and use its account id, client id and client secret.",
}


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
    return Refused(
        _sentence(body, act, response.status_code),
        status=response.status_code,
        code=str(body.get("code", "")) or None,
    )


def unreadable(act: Act) -> ProviderError:
    """The answer was not one of Zoom's API: an error page, or something that cannot be read."""
    if act.repeatable:
        return Unavailable(f"Zoom could not {act.doing}: it is not answering properly.")
    return Unclear(
        f"Zoom may or may not have managed to {act.doing}: its answer was an error page."
    )


def code_of(response: httpx.Response) -> int | None:
    """Zoom's own number in an answer, or None."""
    body = http.json_of(response)
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) else None


def lacks_scope(response: httpx.Response) -> bool:
    """Whether the token was fine but is not allowed to do this."""
    return response.status_code >= 400 and code_of(response) == LACKS_SCOPE


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


def scopes_sentence(scopes: list[str]) -> str:
    """What to do about missing scopes."""
    named = ", ".join(scopes) if scopes else "that this needs"
    noun, pronoun = ("scopes", "them") if len(scopes) > 1 else ("scope", "it")
    return (
        f"The Zoom app lacks the {noun} {named}. Add {pronoun} to the app in Zoom's App "
        "Marketplace, then press Retry."
    )


def _sentence(body: dict[str, Any], act: Act, status: int) -> str:
    code, message = body.get("code"), str(body.get("message", "")).strip()
    if code == LACKS_SCOPE:
        scopes = re.findall(r"[a-z_]+(?::[a-z_]+)+", message)
        # Zoom names both spellings; an app of ours always needs the one for the whole account.
        return scopes_sentence([each for each in scopes if each.endswith(":admin")] or scopes)
    if code == 300 and isinstance(body.get("errors"), list):
        message = "; ".join(
            f"{each.get('field')}: {each.get('message')}"
            for each in body["errors"]
            if isinstance(each, dict)
        )
    if isinstance(code, int) and code in SENTENCES:
        subject = act.subject[:1].upper() + act.subject[1:]
        sentence = SENTENCES[code]
        named = subject if sentence.startswith("{") else act.subject
        return sentence.format(subject=named, message=message.rstrip("."))
    return f"Zoom refused to {act.doing} (HTTP {status}, code {code}): {message}"


def _limited(response: httpx.Response, act: Act) -> Unavailable:
    until = http.retry_at(response.headers)
    if until is None and _is_hosts_day(response, act):
        until = _next_midnight_utc()
        return Unavailable(
            f"{act.changes_host} has used up the {wire.CHANGES_PER_HOST_AND_DAY} meetings that "
            f"Zoom lets a host make or move in a day. We go on after {_when(until)}.",
            retry_at=until,
        )
    if until is None and response.headers.get("X-RateLimit-Type") == "Daily-limit":
        until = _next_midnight_utc()
    if until is not None:
        return Unavailable(
            f"The Zoom account has used up its requests for today. We go on after {_when(until)}.",
            retry_at=until,
        )
    return Unavailable("Zoom is getting too many requests at once. We try again shortly.")


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


def _when(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC on {moment.day} {moment:%B}"
