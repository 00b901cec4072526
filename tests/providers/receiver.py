"""The programme's webhook address as a list of what came in, and pages of the simulators."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import flask
import httpx
from flask.testing import FlaskClient
from sqlalchemy import event, select

from ffapp.core import clock
from ffapp.providers.simulating import callbacks, store
from ffapp.providers.simulating.callbacks import DeliveryPolicy
from tests.browse import check_html

# A job stops after a few seconds, which a busy machine may need for what a test posts.
callbacks.SLICE_SECONDS = 60


@dataclass
class Receiver:
    """Posts that arrived; `answers` are the statuses of the next ones, `status` of all others."""

    status: int = 204
    answers: list[int] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = flask.Request(environ)
        self.posts.append((dict(request.headers), request.get_data()))
        status = self.answers.pop(0) if self.answers else self.status
        return flask.Response("", status)(environ, start_response)

    @contextmanager
    def listening_to(self, provider: str, policy: DeliveryPolicy) -> Iterator[Self]:
        """Get what the provider posts in the block."""
        before = callbacks._policies.get(provider)
        callbacks.deliver_by(provider, policy)
        with callbacks.posting_through(httpx.WSGITransport(self)):
            yield self
        if before:
            callbacks.deliver_by(provider, before)

    def deliver(self) -> list[Any]:
        """Post what is due until nothing is; answers all bodies in the order of arrival."""
        while due_callbacks():
            callbacks.deliver()
        return [json.loads(body) for _, body in self.posts]


def due_callbacks() -> list[int]:
    """Ids of callbacks that are due now, of the providers that this process delivers for."""
    row = store.callbacks.c
    due = (row.state == "due", row.due_at <= clock.now(), row.provider.in_(callbacks._policies))
    with store.open_store().connect() as connection:
        return list(connection.scalars(select(row.id).where(*due)))


def journal(provider: str, act: str | None = None) -> list[Any]:
    """What was asked of the simulated provider, oldest first."""
    query = select(store.journal).where(store.journal.c.provider == provider)
    if act:
        query = query.where(store.journal.c.act == act)
    with store.open_store().connect() as connection:
        return list(connection.execute(query.order_by(store.journal.c.id)))


def promised() -> list[Any]:
    """The callbacks that were promised, oldest first."""
    with store.open_store().connect() as connection:
        return list(connection.execute(select(store.callbacks).order_by(store.callbacks.c.id)))


def read(pages: FlaskClient, path: str) -> str:
    """The page's text, checked as HTML."""
    answer = pages.get(path)
    assert answer.status_code == 200, path
    check_html(answer.text, path)
    return answer.text


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the store is asked in the block."""
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    engine = store.open_store()
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", count)
