"""The drill: the database is restored from a dump of before some acts; none goes a second time."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from ffapp.core.db import db, transaction
from ffapp.ledger import perform
from ffapp.ledger.models import Effect
from ffapp.ledger.restore import LOST_IDS, MAY_HAVE_GONE, after_restore
from ffapp.people.invite import invite
from tests.processes import witness
from tests.tables import AS_GIVEN, tables

SEQUENCES = (
    "SELECT format('%I.%I', schemaname, sequencename) AS name, last_value FROM pg_sequences"
    " WHERE schemaname = 'public'"
)


@pytest.fixture
def dump(cast):
    """Keeps the rows of the programme; what it answers puts them back. The providers are outside,
    and remember."""

    def keep() -> Callable[[], None]:
        with db.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA dump"))
            names = [name for name in tables(connection) if name.startswith("public.")]
            for name in names:
                copy = name.replace("public.", "dump.")
                connection.execute(text(f"CREATE TABLE {copy} AS TABLE {name}"))
            sequences = connection.execute(text(SEQUENCES)).all()

        def restore() -> None:
            db.session.rollback()
            with db.engine.begin() as connection:
                connection.execute(text(AS_GIVEN))
                for name in names:
                    copy = name.replace("public.", "dump.")
                    connection.execute(text(f"DELETE FROM {name}"))
                    connection.execute(
                        text(f"INSERT INTO {name} OVERRIDING SYSTEM VALUE TABLE {copy}")
                    )
                for name, last in sequences:
                    if last:
                        connection.execute(text(f"SELECT setval('{name}', {last})"))

        return restore

    yield keep
    perform.stopping.clear()
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS dump CASCADE"))


def _mails(mailbox):
    return sorted((mail["to"], mail["subject"]) for mail in mailbox())


def test_after_a_restore_nothing_goes_a_second_time(app, cast, worker, travel, dump, mailbox):
    session = cast.schedule("Planned at the dump", hours=5)
    transaction(invite, cast.asha, cast.admin)
    restore = dump()
    worker.drain()  # in the time that is lost
    gone = _mails(mailbox)
    newest = db.session.scalar(db.select(db.func.max(Effect.id)))
    restore()

    held = after_restore(app.app_context)
    perform.stopping.clear()  # a worker starts
    for _ in range(3):
        worker.drain()
        travel.forward(minutes=2)

    assert held
    assert _mails(mailbox) == gone
    assert len(witness.meetings_at_zoom("Planned at the dump")) == 1
    db.session.refresh(session)
    assert session.zoom_meeting_id == witness.meetings_at_zoom("Planned at the dump")[0]["id"]
    waiting = witness.ledger("kind = 'email' AND state = 'uncertain'")
    assert len(waiting) == len(gone)
    assert {row.reason for row in waiting} == {MAY_HAVE_GONE}
    transaction(invite, cast.kabir, cast.admin)
    assert db.session.scalar(db.select(db.func.max(Effect.id))) > newest + LOST_IDS / 2


def test_what_was_due_long_after_the_dump_goes_when_its_time_comes(
    app, cast, worker, travel, dump, mailbox
):
    cast.schedule("Tomorrow", hours=30)
    worker.drain()
    restore = dump()
    restore()
    before = len(mailbox())

    after_restore(app.app_context)
    perform.stopping.clear()
    travel.forward(hours=29, minutes=46)
    worker.drain()

    assert len(mailbox()) > before


def test_what_waits_for_a_person_is_sent_or_marked_as_delivered_on_one_page(
    client, sign_in, cast, worker, mailbox
):
    cast.schedule("Held", hours=5)
    worker.drain()
    held = witness.ledger("kind = 'email' AND rule = 'class_scheduled' AND state = 'sent'")
    witness.sql("UPDATE effects SET state = 'uncertain', doubtful = true WHERE kind = 'email'")
    sign_in(cast.admin)
    before = len(mailbox())

    for path, row in zip(("retries", "deliveries"), held, strict=True):
        address = f"/admin/messages/{path}?id={row.id}"
        assert "Class scheduled to" in client.get(address).text
        assert client.post(address, data={"id": row.id}).status_code == 303
    worker.drain()

    assert [witness.ledger("id = :id", id=row.id)[0].state for row in held] == ["sent", "sent"]
    assert len(mailbox()) == before + 1
