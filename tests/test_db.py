"""The database's own limits hold, whichever way the statements were sent."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from ffapp.core.db import engine_options
from tests.processes.poll import poll

INSERT = "INSERT INTO many VALUES (:number)"


@pytest.fixture
def engine(settings):
    engine = create_engine(settings.database_url, **engine_options(2, "a test of limits"))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_transaction_that_stands_still_is_ended_after_one_statement_and_after_many(engine, rows):
    connection = engine.connect()
    pid = connection.scalar(text("SELECT pg_backend_pid()"))
    connection.execute(text("SET idle_in_transaction_session_timeout = '300ms'"))
    connection.execute(text("CREATE TEMPORARY TABLE many (number int)"))

    connection.execute(text(INSERT), [{"number": number} for number in range(rows)])

    poll(lambda: not _is_there(engine, pid), "its session is ended", seconds=10)
    with pytest.raises(OperationalError, match="idle-in-transaction"):
        connection.execute(text("SELECT 1"))
    assert connection.invalidated
    connection.close()


def test_what_many_statements_did_is_counted(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE many (number int)"))
        result = connection.execute(text(INSERT), [{"number": 1}, {"number": 2}])
        assert result.rowcount == 2


def _is_there(engine, pid):
    with engine.begin() as connection:
        return connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": pid}
        )
