"""Languages: what students, families and the public read, in the words they chose.

Wrap such a text in `gettext` (`_` in templates), `ngettext` where a number decides, `lazy_gettext`
where it is written long before anybody reads it (forms, tables of labels). `scripts/translations`
collects the texts into `translations/<language>/LC_MESSAGES/messages.po` and compiles them.

Everything is said in English, except within `language(code)`: the web enters it for each request,
and who writes to a person enters it with that person's language. Works in any thread, with or
without a request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date as format_date_in
from babel.support import NullTranslations, Translations
from jinja2 import Environment
from markupsafe import Markup

ENGLISH = "en"
# Code → what its speakers call it. A further language is an entry here and a catalogue.
LANGUAGES = {ENGLISH: "English", "hi": "हिन्दी"}
CATALOGUES = Path(__file__).parents[1] / "translations"

_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def language(code: str | None) -> Iterator[None]:
    """Say everything in this language while the block runs; None, or one we lack, is English."""
    token = _current.set(known(code))
    try:
        yield
    finally:
        _current.reset(token)


def known(code: str | None) -> str:
    """`code` where there is such a language, else English."""
    return code if code in LANGUAGES else ENGLISH


def current_language() -> str:
    """The code of the language that is being spoken now: `en`, `hi`."""
    return _current.get()


def locale() -> Locale:
    """The same as Babel knows it, with the names of its days and months."""
    return _locale(_current.get())


def gettext(text: str, /, **values: Any) -> str:
    """The text in the current language, with its `%(name)s` filled in where values are given."""
    found = catalogue(_current.get()).gettext(text)
    return found % values if values else found


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """The form of the text that fits `num`, which it may name as `%(num)s`."""
    return catalogue(_current.get()).ngettext(one, many, num) % {"num": num, **values}


class LazyText:
    """A text that is translated each time it is read."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return gettext(self._text)

    def __repr__(self) -> str:
        return f"LazyText({self._text!r})"


def lazy_gettext(text: str) -> Any:
    """`gettext`, but when the text is read; for what is written while a module is imported."""
    return LazyText(text)


def format_date(day: date, pattern: str) -> str:
    """A date by a CLDR pattern: `d MMM` (6 Dec), `MMMM y` (December 2026)."""
    return format_date_in(day, pattern, locale=locale())


def install(environment: Environment) -> None:
    """Give templates `_` and `ngettext`. A text may hold markup; values are escaped."""
    environment.globals |= {"_": _for_html, "ngettext": _plural_for_html}


def _for_html(text: str, /, **values: Any) -> Markup:
    found = Markup(catalogue(_current.get()).gettext(text))
    return found % values if values else found


def _plural_for_html(one: str, many: str, num: int, /, **values: Any) -> Markup:
    return Markup(catalogue(_current.get()).ngettext(one, many, num)) % {"num": num, **values}


@cache
def catalogue(code: str) -> NullTranslations:
    """The texts of a language; English has none, for the texts in the code are English."""
    return Translations.load(str(CATALOGUES), [code])


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)
