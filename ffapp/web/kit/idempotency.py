"""A form that is sent twice is done once: double click, reload, going back and sending again."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import flask
from sqlalchemy import Text, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock
from ffapp.core.db import Row, db, transaction
from ffapp.core.jobs import SWEEPS, queue
from ffapp.web.kit.page import see

KEPT = timedelta(days=30)
KEY = re.compile(r"[0-9a-f]{32}")


class FormSubmission(Row, db.Model):
    """The one-time key of a form that was saved, and where its sender was taken then."""

    __tablename__ = "form_submissions"

    key: Mapped[str] = mapped_column(Text, unique=True)
    location: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


@queue.periodic(cron="7 * * * *")
@queue.task(name="forms.forget", queue=SWEEPS, queueing_lock="forms.forget")
def forget(timestamp: int) -> None:
    """Remove keys of forms that nobody has open any more."""
    old = FormSubmission.at < clock.now() - KEPT
    transaction(db.session.execute, delete(FormSubmission).where(old))


def new_key() -> str:
    """The key of a form that is shown now."""
    return uuid4().hex


def submit(work: Callable[[], str]) -> flask.Response:
    """Run `work` in a transaction, unless this form was saved before; go where it says.

    `work` answers the address to see next. A twin that arrives meanwhile waits for the first one.
    """
    return see(transaction(_once, flask.request.form.get("submission", ""), work))


def _once(key: str, work: Callable[[], str]) -> str:
    # What is no key of ours (nothing, or something made up) never stands for another form.
    key = key if KEY.fullmatch(key) else new_key()
    statement = insert(FormSubmission).values(key=key, at=clock.now())
    first = db.session.scalar(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(FormSubmission.id)
    )
    if first is None:
        location = db.session.scalar(
            select(FormSubmission.location).where(FormSubmission.key == key)
        )
        return location or flask.url_for("public.front")
    location = work()
    db.session.execute(
        update(FormSubmission).where(FormSubmission.id == first).values(location=location)
    )
    return location
