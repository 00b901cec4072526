"""All tables of a test's database at once."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

TABLES = (
    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
    " WHERE schemaname IN ('public', 'simulator') AND tablename <> 'alembic_version'"
)
# Foreign keys and triggers do not look at what is written in this transaction.
AS_GIVEN = "SET LOCAL session_replication_role = replica;"


def tables(connection: Connection, *, but: str = "") -> Sequence[str]:
    """Their names with that of the schema, except those LIKE `but`."""
    statement = text(f"{TABLES} AND tablename NOT LIKE :but")
    return connection.execute(statement, {"but": but}).scalars().all()


def empty(connection: Connection, *, but: str = "") -> None:
    """Delete all rows, in one round trip."""
    deletions = "".join(f"DELETE FROM {table};" for table in tables(connection, but=but))
    connection.execute(text(AS_GIVEN + deletions))
