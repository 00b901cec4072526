"""The search over everything: a page, and what drops down under the field in the header."""

import flask

from ffapp.web.admin.blueprint import admin
from ffapp.web.kit.listing import query_str
from ffapp.web.kit.page import page
from ffapp.web.kit.search import search


@admin.get("/search")
def search_show() -> flask.typing.ResponseReturnValue:
    words = query_str("q")
    return page(
        "admin/search.html", fragments=("search_results",), words=words, groups=search(words)
    )
