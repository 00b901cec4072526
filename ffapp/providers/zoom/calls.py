"""Calls to Zoom's API: under one deadline, answered by wire types or by an outcome."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from ffapp.core import config
from ffapp.core.outcomes import Refused, Unavailable, Unclear
from ffapp.providers.kit import http
from ffapp.providers.kit.deadline import within
from ffapp.providers.zoom import errors, wire
from ffapp.providers.zoom.errors import Act, means
from ffapp.providers.zoom.sentences import NO_RECORDING
from ffapp.providers.zoom.session import ZoomSession

# Zoom clips a longer range silently to one month before its end; the shortest month has 28 days.
RANGE_DAYS = 28
Answer = TypeVar("Answer", bound=wire.Received)


class ZoomCalls:
    """Calls by path, relative to the API's base. All raise Refused, Unavailable or Unclear."""

    def __init__(self, session: ZoomSession) -> None:
        self.session = session

    def call(self, method: str, path: str, act: Act, **options: Any) -> httpx.Response:
        """The answer, in which nothing is wrong; `options` are those of an httpx request."""
        try:
            # One deadline for the token, the call and its repetition with a new token.
            with within(config.current().provider_deadline_seconds):
                response = self.session.request(method, path, **options)
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


class HostRecordings(Iterator[wire.MeetingRecordings]):
    """All recordings of a host; `calls` is the number of pages fetched so far."""

    def __init__(self, calls: ZoomCalls, host: str, from_day: date, to_day: date) -> None:
        self.calls = 0
        self._act = Act("list the recordings", host, repeatable=True)
        self._path = f"users/{quote(host, safe='')}/recordings"
        self._found = self._all(calls, from_day, to_day)

    def __next__(self) -> wire.MeetingRecordings:
        return next(self._found)

    def _all(self, calls: ZoomCalls, first: date, last: date) -> Iterator[wire.MeetingRecordings]:
        while first <= last:
            end = min(last, first + timedelta(days=RANGE_DAYS - 1))
            query = {"from": first.isoformat(), "to": end.isoformat()}
            try:
                for page in calls.pages(self._path, self._act, wire.RecordingPage, query):
                    self.calls += 1
                    yield from page.meetings
            except Refused as error:
                # Documented for “none”, beside the empty list that is seen in practice.
                if not means(error, NO_RECORDING):
                    raise
            first = end + timedelta(days=1)
