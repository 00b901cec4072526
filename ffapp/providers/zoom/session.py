"""Authorised calls to Zoom: Server-to-Server OAuth on Authlib's client, with one shared token.

Authlib fetches the token (grant `account_credentials`, which it neither guesses nor renews by
itself); `SharedToken` keeps it for all processes; each request carries the token of that moment.
"""

import warnings
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, TypeVar

import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from pydantic import ValidationError

from ffapp.core import clock, config
from ffapp.core.outcomes import Unavailable, Unclear
from ffapp.providers.kit import http
from ffapp.providers.kit.deadline import within
from ffapp.providers.kit.shared_token import SharedToken, Token
from ffapp.providers.zoom import errors, wire
from ffapp.providers.zoom.errors import Act
from ffapp.providers.zoom.settings import ZoomSettings

# The warning says that a successor of httpx exists; our transports are httpx's.
with warnings.catch_warnings(action="ignore", category=AuthlibDeprecationWarning):
    from authlib.integrations.httpx_client import OAuth2Client
    from authlib.integrations.httpx_client.oauth2_client import USE_CLIENT_DEFAULT

# A scope that was added to the app is in new tokens only; a token younger than this is new.
NEW_TOKEN_SECONDS = 60
USUAL_LIFE_SECONDS = 3600

Answer = TypeVar("Answer", bound=wire.Received)


class ZoomSession(OAuth2Client):
    """An httpx client whose requests carry Zoom's access token; safe to share between threads.

    A token that Zoom refuses (401), or that lacks a scope although it is not quite new, is renewed
    and the request repeated, once. Raises Refused, Unavailable or Unclear, nothing of httpx.
    """

    def __init__(self, settings: ZoomSettings, inner: httpx.BaseTransport | None) -> None:
        super().__init__(
            settings.client_id,
            settings.client_secret,
            token_endpoint=settings.token_url,
            base_url=settings.base_url,
            headers={"Accept": "application/json"},  # without it errors have come as XML
            transport=http.build_transport("Zoom", inner),
            timeout=None,  # the transport holds the total deadline
        )
        self.account_id = settings.account_id
        self.shared_token = SharedToken(
            "zoom", f"{settings.account_id}/{settings.client_id}", self._fetch_token_of_account
        )
        self.register_compliance_hook("access_token_response", errors.checked_token_answer)

    def request(
        self,
        method: str,
        url: Any,
        withhold_token: bool = False,
        auth: Any = USE_CLIENT_DEFAULT,
        **options: Any,
    ) -> httpx.Response:
        # Authlib's own request for a token comes through here too, with an `auth` of its own.
        if withhold_token or auth is not USE_CLIENT_DEFAULT:
            return super().request(method, url, withhold_token=True, auth=auth, **options)
        token = self.shared_token.get()
        response = self._send(method, url, token, options)
        young = clock.wall() - token.fetched_at < timedelta(seconds=NEW_TOKEN_SECONDS)
        if response.status_code == httpx.codes.UNAUTHORIZED or (
            not young and errors.lacks_scope(response)
        ):
            response = self._send(method, url, self.renewed(token), options)
        return response

    def call(self, method: str, path: str, act: Act, **options: Any) -> httpx.Response:
        """The answer, in which nothing is wrong; `path` is relative to the API's base."""
        try:
            # One deadline for the token, the call and its repetition with a new token.
            with within(config.current().provider_deadline_seconds):
                response = self.request(method, path, **options)
        except Unclear as error:
            if act.repeatable:
                raise Unavailable(error.reason) from error
            raise
        problem = errors.problem_in(response, act)
        if problem is not None:
            raise problem
        return response

    def ask(self, method: str, path: str, act: Act, kind: type[Answer], **options: Any) -> Answer:
        """The answer as a wire type; one that cannot be read counts as none."""
        response = self.call(method, path, act, **options)
        try:
            return kind.model_validate(http.json_of(response))
        except ValidationError as error:
            raise errors.unreadable(act) from error

    def pages(
        self, path: str, act: Act, kind: type[Answer], query: dict[str, Any]
    ) -> Iterator[Answer]:
        """The pages of a list, each asked for when the one before is used up."""
        query = {**query, "page_size": wire.PAGE_SIZE}
        while True:
            page = self.ask("GET", path, act, kind, params=query)
            yield page
            if not page.next_page_token:
                return
            query["next_page_token"] = page.next_page_token

    def renewed(self, token: Token) -> Token:
        """A token that is not `token`; raises like `request`."""
        self.shared_token.forget(token)
        return self.shared_token.get()

    def _send(self, method: str, url: Any, token: Token, options: Any) -> httpx.Response:
        bearer = self.token_auth_class({"access_token": token.text, "token_type": "Bearer"})
        return super().request(method, url, auth=bearer, **options)

    def _fetch_token_of_account(self) -> Token:
        asked_at = clock.wall()
        try:
            answer = self.fetch_token(grant_type="account_credentials", account_id=self.account_id)
        except Unclear as error:
            # Asking for a token changes nothing, so nothing is unclear: it can be asked again.
            raise Unavailable(error.reason) from error
        lives = answer.get("expires_in")
        seconds = lives if isinstance(lives, int | float) else USUAL_LIFE_SECONDS
        return Token(
            text=str(answer["access_token"]),
            fetched_at=asked_at,
            expires_at=asked_at + timedelta(seconds=seconds),
            scope=str(answer.get("scope", "")),
        )
