"""What is kept of an exchange: enough to see what happened, and no secret."""

import json
import re

from ffapp.classes.schedule import Plan, change
from ffapp.core.db import db, transaction
from ffapp.ledger.models import EffectAttempt
from ffapp.people.invite import invite
from ffapp.people.links import url_of
from ffapp.people.models import AccessLink
from ffapp.providers.simulating import store


def _kept():
    """Everything that the attempts keep, as one text."""
    return json.dumps(
        [attempt.exchanges for attempt in db.session.scalars(db.select(EffectAttempt))]
    )


def _told_zoom(cast, worker):
    """A class whose meeting was made and changed."""
    session = cast.schedule(hours=30)
    worker.drain()
    db.session.refresh(session)
    wanted = Plan("Renamed", "", session.starts_at, 60, session.zoom_host_email)
    transaction(change, session, wanted, session.revision, cast.admin)
    worker.drain()
    db.session.refresh(session)
    return session


def test_neither_a_token_nor_a_link_into_the_meeting_is_kept(cast, worker):
    session = _told_zoom(cast, worker)
    (token,) = (row["token"] for row in store.find("zoom", "active token"))
    pwd = session.zoom_join_url.partition("pwd=")[2]

    kept = _kept()

    assert "/v2/users/" in kept
    assert "oauth/token" in kept
    assert pwd
    assert pwd not in kept
    assert token not in kept
    assert "Bearer" not in kept
    assert not re.search(r"zak=(?!•)", json.dumps(json.loads(kept), ensure_ascii=False))


def test_no_passcode_of_a_meeting_is_kept(cast, worker):
    session = _told_zoom(cast, worker)

    assert session.zoom_passcode
    assert f'"{session.zoom_passcode}' not in _kept().replace("\\", "")


def test_the_link_that_sets_a_password_is_nowhere(cast, worker, mailbox):
    transaction(invite, cast.tara, cast.admin)
    worker.drain()
    link = url_of(db.session.scalars(db.select(AccessLink)).one())
    token = link.rpartition("/")[2]
    assert token[:8] in mailbox()[0]["text"]  # the recipient has it

    assert "/links/" in _kept()
    for table in ("effects", "effect_attempts", "email_logs", "mail_sheets", "events"):
        text = db.session.scalar(db.text(f"SELECT string_agg(t::text, ' ') FROM {table} AS t"))
        assert not re.search(r"/links/[\w.-]{8}", text), table


def test_a_phone_number_is_kept_with_its_last_two_digits_only(cast, worker):
    session = cast.schedule(hours=30)
    db.session.refresh(session)
    wanted = Plan("Pricing", "Call +919876543210.", session.starts_at, 60, session.zoom_host_email)
    transaction(change, session, wanted, session.revision, cast.admin)

    worker.drain()

    kept = json.loads(_kept())
    assert "+•••10" in str(kept)
    assert "9876543210" not in str(kept)
