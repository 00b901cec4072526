"""Saved views: an admin's own names for addresses of lists.

A view keeps the query string alone. When the list no longer has one of its filters, the list leaves
that out and says so, as with any other address.
"""

from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core.db import Row, db
from ffapp.people.models import Person

MOST = 50  # views that one person keeps of one list
LONGEST_NAME = 60


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
    if len(title) > LONGEST_NAME:
        raise CannotSave(f"A name has at most {LONGEST_NAME} characters.")
    views = views_of(person, name)
    if len(views) == MOST and title not in {each.name for each in views}:
        raise CannotSave(f"You have {MOST} views of this list. Remove one first.")
    row = {"person_id": person.id, "list": name, "name": title, "query": query}
    statement = insert(SavedView).values(row)
    keys = ["person_id", "list", "name"]
    db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_={"query": query}))


def remove_view(person: Person, view_id: int) -> SavedView | None:
    """Remove one's own view; None when there is none."""
    view = db.session.scalar(
        select(SavedView).where(SavedView.id == view_id, SavedView.person_id == person.id)
    )
    if view is not None:
        db.session.delete(view)
    return view
