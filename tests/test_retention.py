"""What is kept, where, why and how long: the table, the schema, the document and the job agree."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ffapp import retention
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.messaging.models import EmailLog, MailSheet
from ffapp.people.guardian_codes import request_code
from ffapp.people.models import GuardianCode

DOCUMENT = Path(__file__).parents[1] / "docs" / "privacy.md"
ALL_TABLES = (
    "SELECT CASE WHEN schemaname = 'public' THEN tablename ELSE schemaname || '.' || tablename END"
    " FROM pg_tables WHERE schemaname IN ('public', 'simulator')"
)


def named():
    return [table for kept in retention.TABLE for table in kept.where]


def test_every_table_of_the_database_is_named_once(context):
    patterns = [each.removesuffix("*") for each in named() if each.endswith("*")]
    tables = {
        each
        for each in db.session.scalars(text(ALL_TABLES))
        if not any(each.startswith(pattern) for pattern in patterns)
    }

    exact = [each for each in named() if not each.endswith("*")]
    assert set(exact) == tables
    assert len(exact) == len(set(exact))


def test_what_has_a_limit_is_deleted_and_what_has_none_says_until_when(context):
    for kept in retention.TABLE:
        assert (kept.days is not None) == any(kept.where.values())
        assert str(kept.what)
        assert str(kept.why)
        assert str(kept.how_long)


def test_the_document_shows_the_table():
    rows = [
        f"| {kept.what} | {kept.why} | {', '.join(f'`{each}`' for each in kept.where)}"
        f" | {kept.how_long} |"
        for kept in retention.TABLE
    ]

    assert DOCUMENT.read_text().partition("|---|---|---|---|\n")[2].splitlines() == rows


def test_every_condition_can_be_asked_and_nothing_new_is_deleted(cast, worker, mailbox):
    cast.schedule(hours=1)
    worker.drain()
    before = _counts()

    retention.delete_old(timestamp=0)

    assert _counts() == before


@pytest.mark.parametrize(("days", "stays"), [(366, False), (364, True)])
def test_the_text_of_a_message_goes_after_a_year(cast, worker, mailbox, travel, days, stays):
    cast.schedule(hours=1)
    worker.drain()
    assert mailbox()

    travel.forward(days=days)
    retention.delete_old(timestamp=0)

    assert bool(db.session.scalars(db.select(EmailLog)).all()) is stays
    assert bool(db.session.scalars(db.select(MailSheet)).all()) is stays


def test_after_three_years_nothing_is_left_but_the_classes_the_people_and_their_answers(
    cast, worker, travel
):
    (guardian,) = cast.kabir.guardians
    guardian.email = "farah@home.example"
    db.session.commit()
    transaction(request_code, guardian, "email", {"account": True})
    cast.schedule(hours=1)
    worker.drain()
    assert db.session.scalars(db.select(GuardianCode)).all()

    travel.to(clock.now() + timedelta(days=4 * 365))
    retention.delete_old(timestamp=0)

    left = {table for table, count in _counts().items() if count}
    limited = {t for kept in retention.TABLE for t, when in kept.where.items() if when}
    assert left & limited <= {"effects"}, "a reminder that is still planned is nothing old"
    assert {"people", "consents", "sessions"} <= left


def _counts():
    db.session.rollback()
    tables = [each for each in named() if not each.endswith("*")]
    return {each: db.session.scalar(text(f"SELECT count(*) FROM {each}")) for each in tables}
