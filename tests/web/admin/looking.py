"""What the tests of the admin's pages look at."""

import re

import html5lib
from sqlalchemy import event

from ffapp.core.db import db


def hidden(page, name):
    """The value of a hidden field of the page's form."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page.text).group(0)
    return re.search(r'value="([^"]*)"', tag).group(1)


def queries_of(client, path):
    """How many statements a page asks the database."""
    asked = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)


def typed_fields(page):
    """Every field of the page's form, with what stands in it."""
    tree = html5lib.parse(page.text, namespaceHTMLElements=False)
    form = next(each for each in tree.iter("form") if each.get("class") == "form")
    return {each.get("name"): each.get("value", "") for each in form.iter("input")}
