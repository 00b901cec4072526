"""The blueprints, and who may open them. A route of one that is not named here is refused."""

from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import flask

from ffapp.core import clock, config
from ffapp.core.events import record
from ffapp.people import sessions
from ffapp.people.models import Person, Role, User
from ffapp.people.sessions import UserSession
from ffapp.web.kit.page import go_to, is_htmx

public = flask.Blueprint("public", __name__)
student = flask.Blueprint("student", __name__)
admin = flask.Blueprint("admin", __name__, url_prefix="/admin")
guardian = flask.Blueprint("guardian", __name__, url_prefix="/guardian")
hooks = flask.Blueprint("hooks", __name__, url_prefix="/hooks")
account = flask.Blueprint("account", __name__, url_prefix="/account")
BLUEPRINTS = (public, student, admin, account, guardian, hooks)

ANYBODY, SIGNED_IN = "anybody", "signed in"

# Blueprint → who may open it. Routes of the application itself stand by their endpoint.
AUDIENCES: dict[str, str] = {
    "public": ANYBODY,
    "guardian": ANYBODY,  # each page proves itself by its signed address
    "hooks": ANYBODY,  # each post proves itself by its signature
    "static": ANYBODY,
    "bundle": ANYBODY,
    "account": SIGNED_IN,
    "student": Role.STUDENT,
    "admin": Role.ADMIN,
    "simulators": Role.ADMIN,
}

# Modules: people, consents and admins; and one's own second factors.
SENSITIVE = (
    "ffapp.web.admin.people",
    "ffapp.web.admin.cohorts.invitations",
    "ffapp.web.kit.imports",
    "ffapp.web.account.factors",
)
FORMS = ("_edit", "_new", "_invite", "_import")  # how the endpoints of forms end

KEY = "session_key"  # in the browser's signed cookie: which `UserSession` it has
DEVICE = "device"  # a cookie: who has signed in with this browser before


class SessionOver(Exception):
    """A form was sent in a session that has ended meanwhile."""


class NotFresh(Exception):
    """The password must be given again before this."""


def install(app: flask.Flask) -> None:
    app.before_request(refuse_unless_allowed)


def current_session() -> UserSession | None:
    """The live session of the browser that asks; looked up once a request."""
    if "user_session" not in flask.g:
        key = flask.session.get(KEY)
        flask.g.user_session = sessions.find(key) if isinstance(key, str) else None
    return flask.g.user_session  # type: ignore[no-any-return]


def viewer() -> Person | None:
    """The person who is signed in."""
    session = current_session()
    return session.user.person if session else None


def begin_session(user: User, factor: str | None = None) -> None:
    """Sign the user in, in the caller's transaction; what the browser kept before is gone."""
    request = flask.request
    session = sessions.begin(user, place(), device_name(request.user_agent.string), factor)
    user.signed_in_at = clock.now()
    record("signed_in", by=user.person, on=user.person)
    flask.session.clear()
    flask.session.permanent = True
    flask.session[KEY] = session.key
    flask.g.user_session = session


def forget_session() -> None:
    """Leave nothing of a session in the browser."""
    flask.session.clear()
    flask.g.user_session = None


def place() -> str:
    """Where a request comes from: its IP address; of version 6, the network of one customer."""
    address = flask.request.remote_addr or "unknown"
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"))
BROWSERS += (("Firefox", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"))
BROWSERS += (("Safari", "Safari"),)
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS"))
SYSTEMS += (("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux"))


def device_name(user_agent: str) -> str:
    """`Firefox, Windows`, for people who look at their sessions."""
    found = [
        next((name for mark, name in names if mark in user_agent), None)
        for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or "?"


def me() -> Person:
    """The person who is signed in, in a view that lets nobody else in."""
    person = viewer()
    assert person is not None, "this view lets in nobody who is not signed in"
    return person


def refuse_unless_allowed() -> flask.typing.ResponseReturnValue | None:
    """Runs before every request."""
    request = flask.request
    if request.endpoint is None:
        return None  # no such address: 404 follows
    allowed = AUDIENCES.get(request.blueprint or request.endpoint)
    if allowed == ANYBODY:
        return None
    person = viewer()
    if person is None and allowed is not None:
        if request.method == "POST" and KEY in flask.session:
            raise SessionOver
        return _to_sign_in()
    if person is None or allowed not in (SIGNED_IN, person.user.role):
        flask.abort(403)
    if allowed == Role.ADMIN and lacks_factor():
        return go(flask.url_for("account.factors"))
    if is_sensitive() and not current_session().is_fresh:  # type: ignore[union-attr]
        raise NotFresh
    return None


def is_sensitive() -> bool:
    """Whether this request changes who may do what: for that the password is asked for again."""
    request = flask.request
    view = flask.current_app.view_functions[request.endpoint or ""]
    is_form = (request.endpoint or "").endswith(FORMS)
    return view.__module__.startswith(SENSITIVE) and (request.method == "POST" or is_form)


def lacks_factor() -> bool:
    """Whether an admin, over https, has to set up a second factor before anything else."""
    session = current_session()
    return bool(
        session and session.user.is_admin and session.factor is None and config.current().secure
    )


def go(location: str) -> flask.Response:
    """See another page before this one."""
    return go_to(location) if is_htmx() else flask.redirect(location, 303)  # type: ignore[return-value]


def _to_sign_in() -> flask.Response:
    request = flask.request
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return go(flask.url_for("public.sign_in", next=None if is_htmx() else back))


def back_or(location: str) -> str:
    """Where the form or the address wants to go back to (`next`), or else `location`."""
    return safe_path(flask.request.values.get("next")) or location


def safe_path(path: str | None) -> str | None:
    """`path` when it leads to a page of ours; None when it would lead elsewhere."""
    if not path or not path.startswith("/") or path.startswith("//") or not path.isprintable():
        return None
    parts = urlsplit(path)
    return None if parts.scheme or parts.netloc or "\\" in path else path
