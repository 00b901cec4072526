"""The student's home page, against a bare Flask page that asks the database as often.

`python -m bench.home`
"""

import logging

import flask
import structlog
from sqlalchemy import event, text

from bench.house import house, median_seconds
from ffapp.core.db import db
from ffapp.web import auth
from tests.browse import Browser
from tests.cast import make_cast

PAGES = 100


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with house() as app:
        cast = make_cast()
        for number in range(5):
            cast.schedule(f"Class {number}", hours=1 + 24 * number)
        app.test_client_class = Browser
        auth.AUDIENCES["bare"] = auth.ANYBODY
        count = _queries(app, cast.asha)
        app._got_first_request = False
        app.add_url_rule("/bare", "bare", lambda: _bare(count))
        client = app.test_client()
        client.sign_in(cast.asha)
        bare = median_seconds(lambda: _fetch(client, "/bare")) / PAGES
        home = median_seconds(lambda: _fetch(client, "/home")) / PAGES
    print(f"student home page ({count} queries)")
    print(f"  a bare Flask page with {count} queries   {bare * 1000:6.2f} ms   1.0")
    print(f"  the home page                     {home * 1000:6.2f} ms   {home / bare:.1f}")


def _bare(count: int) -> str:
    for _ in range(count):
        db.session.execute(text("SELECT 1"))
    return flask.render_template_string("<!doctype html><title>Bare</title><h1>Bare</h1>")


def _queries(app: flask.Flask, person: object) -> int:
    client = app.test_client()
    client.sign_in(person)  # type: ignore[attr-defined]
    client.get("/home")
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    client.get("/home", lint=False)
    return len(seen)


def _fetch(client: Browser, path: str) -> None:
    for _ in range(PAGES):
        assert client.get(path, lint=False).status_code == 200


if __name__ == "__main__":
    main()
