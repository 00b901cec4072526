"""Pressing Undo on the toast of the page that a form leads to."""

import re

from sqlalchemy import select

from ffapp.core.db import db
from ffapp.ledger.models import Effect
from ffapp.notifications.models import Notification
from tests.browse import flashed


def follow(client, answer):
    """The page after the 303."""
    assert answer.status_code == 303, answer.text
    return client.get(answer.location)


def undo_url(page):
    """Where the toast's Undo leads."""
    assert "Undo until" in " ".join(flashed(page).split())
    return re.search(r'action="(/admin/batches/\d+/reversals)"', page.text).group(1)


def notice_url(page):
    """Where the Undo of the page's notice leads."""
    notice = page.text[page.text.index("just now</p>") :]
    assert "Undo until" in notice
    return re.search(r'action="(/admin/batches/\d+/reversals)"', notice).group(1)


def undo(client, page):
    """Press Undo; answers what is said then."""
    return flashed(follow(client, client.post(undo_url(page))))


def open_messages():
    """The mails that are planned, and when each is due."""
    db.session.expire_all()
    rows = select(Effect.key, Effect.due_at).where(Effect.state == "planned")
    return {tuple(row) for row in db.session.execute(rows.where(Effect.kind == "email"))}


def bell_lines(person):
    rows = select(Notification.title).where(Notification.person_id == person.id)
    return db.session.scalars(rows.order_by(Notification.id)).all()
