"""Who waits for a class asks every few seconds. A crowd is answered from memory.

Ten thousand students who wait for one class ask the same thing thousands of times a second, and
nearly always nothing has changed. Once more than CROWD of them ask within a second, this process
keeps for a second who may see the class (one query) and the card as it was last drawn for each kind
of person. Everybody else, and the first of each kind, is answered by the application as usual.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import flask
import structlog
from sqlalchemy.exc import SQLAlchemyError

from ffapp.classes import permissions
from ffapp.web.auth import KEY
from ffapp.web.student.join_card import DRAWN, Kind

CROWD = 20
FRESH_SECONDS = 1.0
ROOMS = 200  # so many are remembered; beyond that only those in which somebody waits
ASKS = re.compile(r"/classes/([0-9]{1,18})/card")
# What belongs to one answer, or to one person.
NOT_KEPT = ("set-cookie", "x-request-id", "content-length", "etag")

log = structlog.get_logger()
StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Card:
    """An answer with the card, and by which word a page says that it has it already."""

    version: str
    headers: Headers
    body: bytes


class Room:
    """Those who wait for one class."""

    def __init__(self, now: float) -> None:
        self.filling = threading.Lock()
        self._second, self._asks, self._asks_before = now, 0, 0
        self._empty()

    def is_crowded(self, now: float) -> bool:
        """Count somebody who asks; whether many do."""
        if now - self._second >= 1:
            self._asks_before = self._asks if self.lives(now) else 0
            self._second, self._asks = now, 0
        self._asks += 1
        crowded = max(self._asks, self._asks_before) > CROWD
        if not crowded and self.members:
            self._empty()
        return crowded

    def lives(self, now: float) -> bool:
        """Whether somebody has asked lately."""
        return now - self._second < 2

    def is_fresh(self, now: float) -> bool:
        return now - self._filled_at < FRESH_SECONDS

    def fill(self, members: Mapping[str, Kind], now: float) -> None:
        """Take over who may see the class; the cards are to be drawn again."""
        self.members, self.cards, self._filled_at = members, {}, now

    def _empty(self) -> None:
        self.members: Mapping[str, Kind] = {}
        self.cards: dict[Kind, Card] = {}
        self._filled_at = float("-inf")


class WaitingRoom:
    """WSGI middleware before the application."""

    def __init__(self, app: flask.Flask, wsgi_app: WsgiApp) -> None:
        self._app, self._wsgi_app = app, wsgi_app
        self._rooms: dict[int, Room] = {}
        self._finding = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        asked = ASKS.fullmatch(environ.get("PATH_INFO", ""))
        if asked is None or environ["REQUEST_METHOD"] != "GET":
            return self._wsgi_app(environ, start_response)
        now = monotonic()
        room = self._room(int(asked[1]), now)
        kind = self._kind_of(environ, int(asked[1]), room, now)
        if kind is None:
            return self._wsgi_app(environ, start_response)
        cards = room.cards  # of one filling, also when another one comes meanwhile
        if kind not in cards:
            return self._draw(cards, kind, environ, start_response)
        return _answer(cards[kind], environ, start_response)

    def _room(self, class_id: int, now: float) -> Room:
        """Those who wait for the class with that id, which need not exist."""
        with self._finding:
            room = self._rooms.get(class_id)
            if room is None:
                if len(self._rooms) >= ROOMS:
                    self._rooms = {
                        id_: each for id_, each in self._rooms.items() if each.lives(now)
                    }
                room = self._rooms[class_id] = Room(now)
            return room

    def _kind_of(
        self, environ: dict[str, Any], class_id: int, room: Room, now: float
    ) -> Kind | None:
        """What the card depends on for who asks; None for somebody to be looked at properly."""
        if not room.is_crowded(now):
            return None
        if not room.is_fresh(now):
            self._fill(room, class_id, now)
        session = self._app.session_interface.open_session(
            self._app, self._app.request_class(environ)
        )
        return room.members.get(session.get(KEY, "")) if session else None

    def _fill(self, room: Room, class_id: int, now: float) -> None:
        """One does it; meanwhile the others live with what was known before."""
        if not room.filling.acquire(blocking=False):
            return
        try:
            with self._app.app_context():
                rows = permissions.viewers(class_id)
            room.fill({each.key: Kind(*each[1:]) for each in rows}, now)
        except SQLAlchemyError as error:
            log.warning("waiting_room.cannot_fill", error=str(error)[:200])
            room.fill({}, now)  # the long way says what is wrong
        finally:
            room.filling.release()

    def _draw(
        self,
        cards: dict[Kind, Card],
        kind: Kind,
        environ: dict[str, Any],
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Go the long way, as if the page had no card yet, and keep what comes.

        Unless it is of another kind: who asks may have joined since the room was filled.
        """
        drawn: dict[str, Kind] = {}
        asked = {**environ, "QUERY_STRING": "", DRAWN: drawn}
        response = flask.Response.from_app(self._wsgi_app, asked)  # type: ignore[arg-type]
        version, _ = response.get_etag()
        if response.status_code == 200 and version and drawn.get("kind") == kind:
            kept = [each for each in response.headers.items() if each[0].lower() not in NOT_KEPT]
            cards[kind] = Card(version, kept, response.get_data())
        return response(environ, start_response)


def _answer(card: Card, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    if card.version in parse_qs(environ.get("QUERY_STRING", "")).get("seen", ()):
        start_response("204 NO CONTENT", card.headers)
        return []
    start_response("200 OK", [*card.headers, ("Content-Length", str(len(card.body)))])
    return [card.body]
