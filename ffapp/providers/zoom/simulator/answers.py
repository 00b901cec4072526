"""How the simulated Zoom answers: JSON, errors with a code, pages of a list."""

import calendar
import json
from datetime import date, timedelta
from typing import Any

import flask

from ffapp.core import clock, config, signing
from ffapp.providers.simulating import answers as kit_answers
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator.state import Data

TOKEN_SECONDS = 15 * 60
DEFAULT_SIZE = 30


class ZoomError(Exception):
    """An error as Zoom words it: HTTP status, code, message, perhaps fields."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        fields: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields or {}
        self.headers = headers or {}

    def response(self) -> flask.Response:
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.fields:
            body["errors"] = [{"field": each, "message": self.fields[each]} for each in self.fields]
        answer = json_answer(body, self.status)
        answer.headers.extend(self.headers)
        return answer


def invalid(*names: str, words: str = "") -> ZoomError:
    """What Zoom says of fields that it does not accept."""
    fields = {name: words or f"Invalid parameter: {name}." for name in names}
    return ZoomError(400, 300, "Validation Failed.", fields=fields)


def no_meeting(meeting_id: Any) -> ZoomError:
    return ZoomError(404, 3001, f"Meeting does not exist: {meeting_id}.")


def no_recording() -> ZoomError:
    return ZoomError(404, 3301, "This recording does not exist.")


def not_recognized() -> ZoomError:
    return ZoomError(404, 2300, "This API endpoint is not recognized.")  # unconfirmed: the code


def json_answer(body: Any, status: int = 200) -> flask.Response:
    return kit_answers.json_answer(body, status, "application/json;charset=UTF-8")


def nothing() -> flask.Response:
    return kit_answers.empty_answer(204)


def root() -> str:
    """The simulator's own address, with a slash at the end, as the caller reached it."""
    if flask.has_request_context():
        return flask.request.root_url
    return f"{config.current().simulators_url}/zoom/"


def query() -> dict[str, str]:
    """The query of the list; of a following page, the one that the first page was asked with.

    Libraries send only `next_page_token` for following pages, so the token remembers the rest.
    """
    given = dict(flask.request.args)
    token = given.get("next_page_token")
    return {**_read(token)["query"], "next_page_token": token} if token else given


def date_range(asked: dict[str, str]) -> tuple[date, date]:
    """UTC days, today and tomorrow by default; more than a month is clipped without a word."""
    today = clock.now().date()
    first = day(asked, "from") or today
    last = day(asked, "to") or today + timedelta(days=1)
    return max(first, _month_before(last)), last


def day(asked: dict[str, str], name: str) -> date | None:
    """The day in the query; libraries send date-times too, in UTC. Raises ZoomError 300."""
    try:
        return date.fromisoformat(asked[name][:10]) if asked.get(name) else None
    except ValueError as error:
        raise invalid(name) from error


def _month_before(last: date) -> date:
    year, month = (last.year, last.month - 1) if last.month > 1 else (last.year - 1, 12)
    return date(year, month, min(last.day, calendar.monthrange(year, month)[1]))


def page_of(name: str, items: list[Any], asked: dict[str, str], *, numbered: bool = False) -> Data:
    """The answer's part about pages, and under `name` the items of this page.

    `numbered` lists also have pages by number; a token beats it.
    """
    size_text = asked.get("page_size") or str(DEFAULT_SIZE)
    if not size_text.isdigit() or int(size_text) < 1:
        raise invalid("page_size")
    size = min(int(size_text), wire.PAGE_SIZE)  # unconfirmed: that more is cut and not refused
    token = asked.get("next_page_token")
    number = asked.get("page_number", "1") if numbered else "1"
    if not number.isdecimal() or int(number) < 1:
        raise invalid("page_number")
    offset = _read(token)["offset"] if token else (int(number) - 1) * size
    rest = {key: value for key, value in asked.items() if key != "next_page_token"}
    after = offset + size
    following = signing.sign("zoom page", json.dumps({"offset": after, "query": rest}))
    return {
        "page_count": max(1, -(-len(items) // size)),
        **({"page_number": offset // size + 1} if numbered else {}),
        "page_size": size,
        "total_records": len(items),
        "next_page_token": following if after < len(items) else "",
        name: items[offset:after],
    }


def _read(token: str) -> Data:
    try:
        return dict(json.loads(signing.unsign("zoom page", token, TOKEN_SECONDS)))
    except signing.BadLink as error:
        message = "The next page token is either invalid or has expired."
        raise ZoomError(400, 300, message) from error
