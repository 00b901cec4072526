"""The student's home page, against bare Flask with Psycopg that asks the database as often.

`python -m bench.home`. The two are fetched in turn, so that whatever else the machine
does disturbs both alike; the ratio is of the medians of processor time.
"""

import contextvars
import logging
import statistics
import time

import flask
import psycopg
import structlog
from sqlalchemy import event
from werkzeug.test import Client

from bench.instance import instance
from ffapp.core import config
from ffapp.core.db import db
from ffapp.people.models import Person
from tests.browse import Browser
from tests.cast import make_cast

PAGES = 300
CLASSES = 20


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with instance() as app:
        cast = make_cast()
        for number in range(CLASSES):
            cast.schedule(f"Class {number}", hours=1 + 24 * number)
        app.test_client_class = Browser
        cookie = _cookie(app, cast.asha)
        home = Client(app, use_cookies=False)
        count = _queries(home, cookie)
        with psycopg.connect(config.current().libpq_url, autocommit=True) as connection:
            bare = Client(_bare(connection, count), use_cookies=False)
            _seconds(home, "/home", cookie), _seconds(bare, "/", cookie)
            pairs = [
                (_seconds(bare, "/", cookie), _seconds(home, "/home", cookie)) for _ in range(PAGES)
            ]
    floor, page = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(f"student home page, {CLASSES} classes to come ({count} queries)")
    print(f"  bare Flask and Psycopg, {count} queries   {floor * 1000:6.2f} ms   1.0")
    print(f"  the home page                      {page * 1000:6.2f} ms   {page / floor:.1f}")


def _bare(connection: psycopg.Connection, count: int) -> flask.Flask:
    """The floor: a page of one line for which the database is asked so often."""
    app = flask.Flask("bare")

    @app.get("/")
    def bare() -> str:
        for _ in range(count):
            connection.execute("SELECT 1").fetchone()
        return "<!doctype html><title>Bare</title><h1>Bare</h1>"

    return app


def _cookie(app: flask.Flask, person: Person) -> str:
    client = app.test_client()
    client.sign_in(person)  # type: ignore[attr-defined]
    cookie = client.get_cookie("ffapp")
    assert cookie is not None
    return f"ffapp={cookie.value}"


def _queries(client: Client, cookie: str) -> int:
    _seconds(client, "/home", cookie)
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    _seconds(client, "/home", cookie)
    return len(seen)


def _seconds(client: Client, path: str, cookie: str) -> float:
    """Processor seconds of one page."""
    began = time.process_time()
    # Outside of the app context of this program, whose session would remember the page before.
    response = contextvars.Context().run(client.get, path, headers={"Cookie": cookie})
    assert response.status_code == 200
    return time.process_time() - began


if __name__ == "__main__":
    main()
