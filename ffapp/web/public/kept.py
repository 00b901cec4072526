"""Forms that came too late: what was typed is kept while the password is given again.

The fields travel in the page itself, and come back in a page that sends them again; the server
stores nothing. Only what a page of ours has posted is kept, neither passwords nor files.
"""

import json
from typing import Any
from urllib.parse import urlsplit

import flask

from ffapp.core.texts import clean
from ffapp.web.auth import safe_path
from ffapp.web.kit.page import is_htmx

MOST_CHARACTERS = 100_000
KEPT_OF = ("admin", "student", "account")  # the forms of people who are signed in


def kept_fields() -> str:
    """What this request has posted, as text for a hidden field; '' where it cannot be kept."""
    request = flask.request
    if request.blueprint not in KEPT_OF or not _is_from_us(request) or is_htmx():
        return ""
    fields = [
        [name, value]
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]
    text = json.dumps({"path": request.full_path.rstrip("?"), "fields": fields})
    return text if len(text) <= MOST_CHARACTERS else ""


def read_kept(kept: str | None) -> dict[str, Any] | None:
    """The `path` and `fields` of a kept form, to draw `public/resend.html` with; None for none."""
    try:
        found = json.loads(kept or "")
        path = safe_path(found["path"])
        fields = [(clean(str(name)), clean(str(value))) for name, value in found["fields"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return {"path": path, "fields": fields} if path else None


def _is_from_us(request: flask.Request) -> bool:
    """Whether the browser says that a page of ours sent it: nobody else's form is sent again."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sender).netloc == request.host
