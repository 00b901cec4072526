"""A test client that reads every page as a careful visitor would: it lints what it fetches."""

import contextvars
import re
from collections import Counter
from typing import Any

import flask
import html5lib
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from ffapp.core.db import db
from ffapp.people import sessions
from ffapp.people.models import Person, User
from ffapp.web.auth import KEY

HTML = "{http://www.w3.org/1999/xhtml}"
UNLABELLED = {"hidden", "submit", "button"}


class Browser(FlaskClient):
    """Fills in the CSRF token of what it posts, unless told `csrf=False`."""

    def open(self, *args: Any, csrf: bool = True, lint: bool = True, **kwargs: Any) -> Any:
        if csrf and kwargs.get("method") in ("POST", "PUT", "PATCH", "DELETE"):
            headers = dict(kwargs.pop("headers", None) or {})
            kwargs["headers"] = {"X-CSRFToken": self._csrf_token(), **headers}
        kwargs.setdefault("buffered", True)  # a file is written while it is read, in there as well
        # Outside of the test's app context, as in life: else both would share one session, and a
        # view that forgets to commit would pass.
        response = contextvars.Context().run(super().open, *args, **kwargs)
        if flask.has_app_context():
            db.session.rollback()  # so that the test sees what the request has committed
        is_plain = "Content-Encoding" not in response.headers
        if response.mimetype == "text/html" and response.data and is_plain:
            page = response.get_data(as_text=True)  # `text` is kept once it was read
            if lint:
                check_html(page, str(args[0] if args else kwargs.get("path")))
            response.set_data(without_breaks(page))
        return response

    def sign_in(self, person: Person) -> None:
        user = db.session.scalar(db.select(User).where(User.person_id == person.id))
        assert user is not None
        key = sessions.begin(user, "127.0.0.1", "a test").key
        db.session.commit()
        with self.session_transaction() as session:
            session.clear()
            session.permanent = True
            session[KEY] = key

    def _csrf_token(self) -> str:
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", "0" * 40)
        secret = self.application.config["SECRET_KEY"]
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))


def without_breaks(page: str) -> str:
    """The page as it reads: white space is one space, but in a text field and in a value."""
    parts = re.split(r"(<(?:textarea|pre)\b.*?</(?:textarea|pre)>)", page, flags=re.S)
    parts[::2] = [re.sub(r"<[^<>]*>|[^<]+", _with_single_spaces, part) for part in parts[::2]]
    return "".join(parts)


def _with_single_spaces(part: re.Match[str]) -> str:
    if not part[0].startswith("<"):
        return re.sub(r"[ \t\r\n]+", " ", part[0])
    return re.sub(r'"[^"]*"|[ \t\r\n]+', lambda it: it[0] if it[0][0] == '"' else " ", part[0])


def check_html(page: str, where: str) -> None:
    """Raise AssertionError with a sentence for the first thing that is wrong with a page.

    To read a page strictly takes longer than to make it: one that differs from another in its
    words and numbers alone was read with that one.
    """
    ids = re.findall(r'<[^<>]*\sid="([^"]*)"', page)
    twice = {each for each, times in Counter(ids).items() if times > 1}
    assert not twice, f"{where}: ids stand twice: {twice}"
    skeleton = hash(WORDS.sub("", page))
    if skeleton not in _read:
        _read_strictly(page, where)
        _read.add(skeleton)


# Text, numbers, and what stands in attributes, but for those that lead to one another.
WORDS = re.compile(
    r"""\d+|>[^<]+|='[^']*'|(?<!\sid)(?<!\sclass)(?<!\sfor)(?<!\sname)(?<!\stype)(?<!\srole)="[^"]*\""""
)
_read: set[int] = set()


def _read_strictly(page: str, where: str) -> None:
    parser = html5lib.HTMLParser(strict=False)
    whole = page.lstrip().lower().startswith("<!doctype")
    tree = parser.parse(page) if whole else parser.parseFragment(page)
    problems = [error for error in parser.errors if error[1] not in TOLERATED]
    assert not problems, f"{where}: the HTML is not valid: {problems[:3]}"
    elements = list(tree.iter())
    if whole:
        heads = [each for each in elements if each.tag == f"{HTML}h1"]
        assert len(heads) == 1, f"{where}: a page has one h1, this has {len(heads)}"
    _check_scripts(elements, where)
    _check_forms(elements, where)
    _check_labels(elements, where)


# html5lib's list of errors is older than a few things that HTML allows now.
TOLERATED: set[str] = set()


def _check_scripts(elements: list[Any], where: str) -> None:
    for each in elements:
        if each.tag == f"{HTML}script":
            assert each.get("src"), f"{where}: an inline script"
        assert each.tag != f"{HTML}style", f"{where}: an inline style sheet"
        inline = [name for name in each.attrib if str(name).startswith("on") or name == "style"]
        assert not inline, f"{where}: inline {inline} on {each.tag}"


def _check_forms(elements: list[Any], where: str) -> None:
    for form in elements:
        if form.tag != f"{HTML}form" or (form.get("method") or "").lower() != "post":
            continue
        names = {each.get("name") for each in form.iter()}
        assert "csrf_token" in names, f"{where}: the form to {form.get('action')} has no token"


def _check_labels(elements: list[Any], where: str) -> None:
    labelled = {each.get("for") for each in elements if each.tag == f"{HTML}label"}
    inside = {id(inner) for each in elements if each.tag == f"{HTML}label" for inner in each.iter()}
    for each in elements:
        if each.tag not in {f"{HTML}{name}" for name in ("input", "select", "textarea")}:
            continue
        if each.get("type") in UNLABELLED or id(each) in inside:
            continue
        named = each.get("aria-label") or each.get("aria-labelledby") or each.get("title")
        assert named or each.get("id") in labelled, f"{where}: {each.get('name')} has no label"


def flashed(response: flask.Response) -> str:
    """The text of the page's toasts."""
    page = response.get_data(as_text=True)
    toasts = re.search(r'<div[^<>]* id="toasts".*?(?=<p class="sr-only" id="found"|$)', page, re.S)
    return " ".join(html5lib.parseFragment(toasts[0]).itertext()) if toasts else ""
