"""What people have switched off, and what cannot be."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.notifications.choices import AlwaysTold, choose
from tests.zoom_posts import ended, post, recorded


def test_news_of_classes_cannot_be_switched_off(cast):
    with pytest.raises(AlwaysTold):
        choose(cast.asha, "class_changes", "email", False)


def test_who_wants_no_word_of_recordings_by_mail_gets_none_and_the_ledger_says_why(
    cast, client, worker, mailbox, travel
):
    transaction(choose, cast.asha, "recordings", "email", False)
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    until = session.starts_at + timedelta(minutes=60)
    travel.to(until)
    post(client, ended(session.zoom_meeting_id, session.starts_at, until))
    post(client, recorded(session.zoom_meeting_id, session.starts_at, until))
    worker.drain()

    news = {mail["to"] for mail in mailbox() if mail["subject"].startswith("Recording ready")}
    assert news == {cast.ravi.email}
    mine = select(Effect).filter_by(rule="recording_available", person_id=cast.asha.id)
    effect = db.session.scalars(mine).one()
    assert (effect.state, effect.reason) == ("withheld", "They chose not to get this by E-mail.")
