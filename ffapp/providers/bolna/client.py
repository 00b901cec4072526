"""Calls through Bolna's hosted API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from ffapp.core import config
from ffapp.core.outcomes import ProviderError, Refused, Unavailable, Unclear
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.settings import BolnaSettings
from ffapp.providers.bolna.wire import Execution
from ffapp.providers.kit import http
from ffapp.providers.kit.deadline import within
from ffapp.providers.kit.http import Client, is_page, open_http
from ffapp.providers.kit.webhooks import object_of

LARGEST_RECORDING = 20 * 1024 * 1024  # bytes; an hour on the telephone
LONGEST_RANGE = timedelta(days=7)  # that can be listed at once
MOST_PAGES = 40


@dataclass(frozen=True)
class CallRequest:
    """One call. `phone` is E.164; `variables` stand in the prompt; `effect_id` comes back."""

    agent_id: str
    phone: str
    effect_id: str
    variables: Mapping[str, str]


class BolnaClient(Client):
    """The one client, real or simulated; `inner` takes the place of the network in tests."""

    def __init__(self, settings: BolnaSettings, inner: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {settings.api_key}"}
        super().__init__(settings, open_http(settings, inner, headers))

    def place(self, request: CallRequest) -> str:
        """Let Bolna call; answers the execution's id.

        Raises Refused, Unavailable (no call was placed, later is better) or Unclear (one may have
        been: Bolna has no idempotency key, so ask by `find` and never place it again blindly).
        """
        variables = {**request.variables, wire.EFFECT: request.effect_id}
        body = {
            "agent_id": request.agent_id,
            "recipient_phone_number": request.phone,
            "user_data": variables,
        }
        response = self.call("POST", wire.CALL_PATH, json=body)
        execution_id = wire.placed_id(http.json_of(response))
        if response.is_success and execution_id:
            return execution_id
        if response.is_client_error:
            raise self._error(response)
        raise Unclear(
            f"Bolna answered {response.status_code} without an execution id, which does not say "
            "whether it calls."
        )

    def get(self, execution_id: str) -> Execution:
        """The call as it stands now; raises Refused or Unavailable."""
        found = wire.execution_of(self._ask(f"/executions/{quote(execution_id, safe='')}"))
        if found is None:
            raise Unavailable("Bolna’s answer does not describe a call.")
        return found

    def executions(self, agent_id: str, since: datetime, until: datetime) -> Iterator[Any]:
        """What Bolna lists of an agent's calls, as raw rows: newest docs say that they are trimmed.

        The range is cut to Bolna's seven days. Raises Refused or Unavailable.
        """
        until = min(until, since + LONGEST_RANGE)
        span = {"from": _zulu(since), "to": _zulu(until), "page_size": str(wire.PAGE_SIZE)}
        for number in range(1, MOST_PAGES + 1):
            page = self._ask(
                f"/v2/agent/{agent_id}/executions", params={**span, "page_number": str(number)}
            )
            rows = page.get("data") if isinstance(page, dict) else None
            if not isinstance(rows, list):
                raise Unavailable("Bolna’s list of calls cannot be read.")
            yield from rows
            if page.get("has_more") is not True:
                return
        raise Unavailable("Bolna lists more calls than we can look through.")

    def find(self, request: CallRequest, since: datetime, until: datetime) -> list[Execution]:
        """The calls that were placed for the request's effect, oldest first."""
        found = []
        for row in self.executions(request.agent_id, since, until):
            execution = wire.execution_of(row)
            if execution is None or (execution.phone and execution.phone != request.phone):
                continue
            if not execution.effect_id:
                execution = self.get(execution.id)
            if execution.effect_id == request.effect_id:
                found.append(execution)
        return sorted(found, key=lambda each: each.created_at or since)

    def stop(self, execution_id: str) -> None:
        """Stop a waiting call. Raises Refused where it is too late, Unavailable or Unclear."""
        response = self.call("POST", f"{wire.CALL_PATH}/{quote(execution_id, safe='')}/stop")
        if response.is_client_error:
            raise self._error(response)
        if not response.is_success or is_page(response):
            raise Unclear(f"Bolna answered {response.status_code} when the call was to be stopped.")

    def recording(self, url: str) -> tuple[bytes, str]:
        """The recording's bytes and its content type; raises Refused or Unavailable.

        The address comes from Bolna's answer and must be at Bolna; it leads on to a storage that
        gets no key of ours.
        """
        if not self._is_at_bolna(url):
            raise Refused("Bolna gave an address for the recording that is not its own.")
        try:
            with within(config.current().provider_deadline_seconds):
                response = self.call("GET", url, follow_redirects=True)
        except Unclear as error:
            raise Unavailable(error.reason) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:  # in circles, or an odd address
            raise Unavailable("Bolna’s address of the recording leads nowhere.") from error
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if not response.is_success or not kind.startswith("audio/"):
            raise Unavailable("Bolna does not hand out the recording.")
        if len(response.content) > LARGEST_RECORDING:
            raise Refused(f"The recording is larger than {LARGEST_RECORDING // 1024**2} MB.")
        return response.content, kind

    def check(self) -> str:
        """One sentence saying that Bolna takes the key; places no call."""
        me = object_of(self._ask(wire.ME_PATH))
        if not me.get("id"):
            raise Unavailable("Bolna’s answer does not describe an account.")
        return "Bolna takes the key."

    def _ask(self, path: str, **options: Any) -> Any:
        """What a GET answers. Asking changes nothing, so nothing of it is Unclear."""
        try:
            response = self.call("GET", path, **options)
        except Unclear as error:
            raise Unavailable(error.reason) from error
        if response.is_client_error:
            raise self._error(response)
        payload = http.json_of(response)
        if not response.is_success or payload is None:
            raise Unavailable("Bolna is not answering properly.")
        return payload

    def _error(self, response: httpx.Response) -> ProviderError:
        """What an answer of the family 4xx means."""
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS:
            retry_at = http.retry_at(response.headers)
            return Unavailable("Bolna asks us to slow down.", retry_at=retry_at)
        page = response.reason_phrase if is_page(response) else response.text
        words = http.mask(wire.words_in(http.json_of(response), page))
        if status == httpx.codes.UNAUTHORIZED or words == wire.WRONG_KEY:
            return Refused(
                "Bolna does not take our key: compare BOLNA_API_KEY with the one in Bolna.",
                status=status,
                code="key",
            )
        return Refused(f"Bolna refused it: {words or 'it does not say why'}", status=status)

    def _is_at_bolna(self, url: str) -> bool:
        try:
            ours, asked = urlsplit(self.settings.base_url), urlsplit(url)
        except ValueError:  # brackets that enclose no address
            return False
        below = ".bolna.ai"
        if f".{ours.hostname}".endswith(below):
            return asked.scheme == "https" and f".{asked.hostname}".endswith(below)
        return (asked.scheme, asked.netloc) == (ours.scheme, ours.netloc)


def _zulu(at: datetime) -> str:
    """The form in which the list wants instants (and `scheduled_at` does not)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
