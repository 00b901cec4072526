"""The bell in the shells, and its page, for students and for admins."""

from dataclasses import dataclass
from functools import cached_property, partial

import flask

from ffapp.core.db import transaction
from ffapp.core.i18n import gettext, ngettext
from ffapp.notifications import bell
from ffapp.notifications.models import Notification
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.kit.list_rows import QueryRows
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import one_or_404, query_int
from ffapp.web.kit.visits import is_deliberate

PER_PAGE = 30


@dataclass(frozen=True)
class Bell:
    """What a shell shows; the count is asked for only where it is drawn."""

    person: Person

    @property
    def url(self) -> str:
        return flask.url_for(f"{blueprint_of(self.person)}.notification_index")

    @cached_property
    def count(self) -> int:
        return bell.unread_count(self.person)


def blueprint_of(person: Person) -> str:
    return "admin" if person.user.is_admin else "student"


def add_routes(blueprint: flask.Blueprint) -> None:
    """The bell's page at `/notifications`, for the people of this blueprint."""
    rule = "/notifications"
    blueprint.add_url_rule(rule, view_func=notification_index)
    blueprint.add_url_rule(f"{rule}/<int:notification_id>", view_func=notification_show)
    read_all = {"view_func": notification_read_all, "methods": ["POST"]}
    blueprint.add_url_rule(f"{rule}/readings", **read_all)


def notification_index() -> flask.typing.ResponseReturnValue:
    """The page of the person's lines, the newest first."""
    person = auth.me()
    lines = QueryRows(bell.lines_of(person), Notification.id)
    return page(
        f"{blueprint_of(person)}/notifications.html",
        lines=lines.paginate(query_int("page") or 1, PER_PAGE, None),
        page_url=partial(flask.url_for, ".notification_index"),
        unread=bell.unread_count(person),
        blueprint=blueprint_of(person),
    )


def notification_show(notification_id: int) -> flask.typing.ResponseReturnValue:
    """Mark a line of the person's own as read and go where it leads."""
    line = one_or_404(bell.lines_of(auth.me()).where(Notification.id == notification_id))
    return flask.redirect(transaction(bell.read, line) if is_deliberate() else line.path, 302)


def notification_read_all() -> flask.typing.ResponseReturnValue:
    """Mark every line as read."""
    person = auth.me()
    count = transaction(bell.read_all, person)
    done = ngettext("%(num)s marked as read", "%(num)s marked as read", count)
    flask.flash(done if count else gettext("Everything was read already"))
    return see(flask.url_for(f"{blueprint_of(person)}.notification_index"))
