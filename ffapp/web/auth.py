"""The blueprints, and who may open them. A route of one that is not named here is refused."""

from urllib.parse import urlsplit

import flask
import flask_login
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from ffapp.core.db import db
from ffapp.people.models import Person, Role, User
from ffapp.web.kit.page import go_to, is_htmx

public = flask.Blueprint("public", __name__)
student = flask.Blueprint("student", __name__)
admin = flask.Blueprint("admin", __name__, url_prefix="/admin")
hooks = flask.Blueprint("hooks", __name__, url_prefix="/hooks")
BLUEPRINTS = (public, student, admin, hooks)

ANYBODY = "anybody"

# Blueprint → who may open it. Routes of the application itself stand by their endpoint.
AUDIENCES: dict[str, str] = {
    "public": ANYBODY,
    "hooks": ANYBODY,  # each post proves itself by its signature
    "static": ANYBODY,
    "student": Role.STUDENT,
    "admin": Role.ADMIN,
    "simulators": Role.ADMIN,
}

# Built once, as it is asked for every page.
USER = (
    select(User)
    .where(User.id == bindparam("user_id"))
    .options(joinedload(User.person, innerjoin=True).lazyload(Person.user))
)

manager = flask_login.LoginManager()


def install(app: flask.Flask) -> None:
    manager.init_app(app)
    app.before_request(refuse_unless_allowed)


@manager.user_loader
def load_session(session_id: str) -> "SignedIn | None":
    """The user of a session, unless it was ended by a new password or by signing out everywhere."""
    user_id, _, epoch = session_id.partition(":")
    user = db.session.scalar(USER, {"user_id": int(user_id)})
    if user is None or str(user.session_epoch) != epoch:
        return None
    set_committed_value(user.person, "user", user)  # or it would be asked for once more
    return SignedIn(user)


class SignedIn(flask_login.UserMixin):
    """A user for the time of a request."""

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        return f"{self.user.id}:{self.user.session_epoch}"


def viewer() -> Person | None:
    """The person who is signed in."""
    signed_in = flask_login.current_user
    return signed_in.user.person if signed_in.is_authenticated else None


def me() -> Person:
    """The person who is signed in, in a view that lets nobody else in."""
    person = viewer()
    assert person is not None, "this view lets in nobody who is not signed in"
    return person


def refuse_unless_allowed() -> flask.Response | None:
    """Runs before every request."""
    request = flask.request
    if request.endpoint is None:
        return None  # no such address: 404 follows
    allowed = AUDIENCES.get(request.blueprint or request.endpoint)
    if allowed == ANYBODY:
        return None
    person = viewer()
    if person is None and allowed is not None:
        return _to_sign_in()
    if person is None or person.user.role != allowed:
        flask.abort(403)
    return None


def _to_sign_in() -> flask.Response:
    request = flask.request
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    if is_htmx():
        return go_to(flask.url_for("public.sign_in"))
    return flask.redirect(flask.url_for("public.sign_in", next=back), 303)  # type: ignore[return-value]


def back_or(location: str) -> str:
    """Where the form or the address wants to go back to (`next`), or else `location`."""
    return safe_path(flask.request.values.get("next")) or location


def safe_path(path: str | None) -> str | None:
    """`path` when it leads to a page of ours; None when it would lead elsewhere."""
    if not path or not path.startswith("/") or path.startswith("//") or not path.isprintable():
        return None
    parts = urlsplit(path)
    return None if parts.scheme or parts.netloc or "\\" in path else path
