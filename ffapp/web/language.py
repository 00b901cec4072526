"""In which language a request is answered, and how somebody chooses another."""

import contextlib

import flask

from ffapp.core import i18n
from ffapp.people.models import Person
from ffapp.web import auth

COOKIE = "language"
# What nobody reads; asking who is there would ask the database.
WORDLESS = ("static", "hooks", "public.healthz")


def install(app: flask.Flask) -> None:
    i18n.install(app.jinja_env)
    app.before_request(_begin)
    app.after_request(_vary)
    app.teardown_request(_end)


def of_request() -> str:
    """A person's own language; of a visitor, what they chose here, else what their browser asks.

    The team's pages are English.
    """
    request = flask.request
    if request.blueprint in WORDLESS or request.endpoint in WORDLESS:
        return i18n.ENGLISH
    person = auth.viewer()
    if person is not None:
        return i18n.ENGLISH if person.user.is_admin else i18n.known(person.language)
    chosen = request.cookies.get(COOKIE)
    if chosen in i18n.LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(i18n.LANGUAGES)) or i18n.ENGLISH


def adopt(person: Person) -> None:
    """A person who signs in for the first time keeps the language in which they did."""
    if person.language is None and not person.user.is_admin:
        person.language = i18n.current_language()


def _begin() -> None:
    spoken = flask.g.language = contextlib.ExitStack()
    spoken.enter_context(i18n.language(of_request()))


def _vary(response: flask.Response) -> flask.Response:
    """What a visitor is shown depends on the browser."""
    if response.mimetype == "text/html":
        response.vary.add("Accept-Language")
    return response


def _end(error: BaseException | None) -> None:
    spoken = flask.g.pop("language", None)
    if spoken is not None:
        spoken.close()
