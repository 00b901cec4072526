"""Saved views: an admin's own names for addresses of lists.

A view keeps the query string alone. When the list no longer has one of its filters, the list leaves
that out and says so, as with any other address.
"""

from collections.abc import Sequence

import flask
from sqlalchemy import ForeignKey, Index, Text, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core.db import Row, db, transaction
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.kit.page import see

MOST = 50  # views that one person keeps of one list
LONGEST_NAME = 60
LONGEST_QUERY = 2000


class SavedView(Row, db.Model):
    """One person's name for one query string of one list."""

    __tablename__ = "saved_views"
    __table_args__ = (Index("uq_saved_views", "person_id", "list", "name", unique=True),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    list: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)


class CannotSave(Exception):
    """The message says why the view is not kept."""


def views_of(person: Person, name: str) -> Sequence[SavedView]:
    """The person's views of a list, by name."""
    return db.session.scalars(
        select(SavedView)
        .where(SavedView.person_id == person.id, SavedView.list == name)
        .order_by(SavedView.name)
        .limit(MOST)
    ).all()


def save_view(person: Person, name: str, title: str, query: str) -> None:
    """Keep a view of the list `name`; one of the same title is replaced. Raises CannotSave."""
    title = " ".join(title.split())
    if not title:
        raise CannotSave("Give the view a name.")
    if len(name) > LONGEST_NAME:
        raise CannotSave("There is no such list.")
    if len(title) > LONGEST_NAME:
        raise CannotSave(f"A name has at most {LONGEST_NAME} characters.")
    views = views_of(person, name)
    if len(views) == MOST and title not in {each.name for each in views}:
        raise CannotSave(f"You have {MOST} views of this list. Remove one first.")
    row = {"person_id": person.id, "list": name, "name": title, "query": query}
    statement = insert(SavedView).values(row)
    keys = ["person_id", "list", "name"]
    db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_={"query": query}))


def view_save() -> flask.typing.ResponseReturnValue:
    """Keep what a list shows now under a name."""
    name, title, query = (
        flask.request.form.get(each, "").replace("\0", "") for each in ("list", "title", "query")
    )
    try:
        transaction(save_view, auth.me(), name, title, query[:LONGEST_QUERY])
    except CannotSave as problem:
        flask.flash(str(problem), "warn")
    else:
        flask.flash(f"Saved as “{' '.join(title.split())}”")
    return see(auth.back_or(flask.url_for("public.front")))


def view_remove(view_id: int) -> flask.typing.ResponseReturnValue:
    mine = delete(SavedView).where(SavedView.id == view_id, SavedView.person_id == auth.me().id)
    if not transaction(db.session.execute, mine).rowcount:
        flask.abort(404)
    flask.flash("The view is removed")
    return see(auth.back_or(flask.url_for("public.front")))


def add_routes(blueprint: flask.Blueprint) -> None:
    blueprint.add_url_rule("/views", view_func=view_save, methods=["POST"])
    rule = "/views/<int:view_id>/removals"
    blueprint.add_url_rule(rule, view_func=view_remove, methods=["POST"])
