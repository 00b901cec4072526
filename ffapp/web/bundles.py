"""One stylesheet and one script for each area, put together from `static/` when first asked for.

Their addresses name a digest of the content, so that a browser keeps them for ever.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import flask

SHARED_CSS = ("tokens", "base", "controls", "components", "shells")
SIGNED_IN_CSS = ("tokens", "base", "controls", "components", "tables", "lists", "join", "month")
STYLES = {
    "public": SHARED_CSS,
    "student": (*SIGNED_IN_CSS, "shells"),
    "admin": (*SIGNED_IN_CSS, "shells"),
}
HTMX = ("vendor/htmx-2.0.11.min", "vendor/idiomorph-ext-0.8.0.min")
SCRIPTS = {
    "public": (*HTMX, "js/app", "js/copy", "js/passkey"),
    "student": (*HTMX, "js/app", "js/copy", "js/countdown", "js/list"),
    "admin": (*HTMX, "js/app", "js/copy", "js/countdown", "js/list", "js/search", "js/passkey"),
}
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {"css": "text/css", "js": "text/javascript"}


@dataclass(frozen=True)
class Bundle:
    """One file as it is served."""

    text: str
    digest: str


@cache
def bundle(area: str, kind: str) -> Bundle:
    """The stylesheet (`css`) or the script (`js`) of an area."""
    static = Path(flask.current_app.static_folder or "")
    if kind == "css":
        files = [static / f"css/{name}.css" for name in STYLES[area]]
    else:
        files = [static / f"{name}.js" for name in SCRIPTS[area]]
    text = "\n".join(file.read_text() for file in files)
    return Bundle(text, sha256(text.encode()).hexdigest()[:10])


def bundle_url(area: str, kind: str) -> str:
    """The address of a bundle. It lies beside `static/css`, whose relative addresses hold there."""
    return flask.url_for("bundle", area=area, kind=kind, v=bundle(area, kind).digest)


def install(app: flask.Flask) -> None:
    app.add_url_rule("/static/bundles/<area>.<kind>", "bundle", _serve)
    app.jinja_env.globals["bundle_url"] = bundle_url


def _serve(area: str, kind: str) -> flask.Response:
    if area not in STYLES or kind not in TYPES:
        flask.abort(404)
    response = flask.Response(bundle(area, kind).text, mimetype=TYPES[kind])
    response.headers["Cache-Control"] = FOR_EVER
    return response
