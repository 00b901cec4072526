"""Which migration the code carries, and which one a database has."""

from functools import cache
from pathlib import Path

import psycopg

MIGRATIONS = Path(__file__).parents[2] / "migrations"


@cache
def newest_migration() -> str | None:
    """The newest migration that this code carries: they are numbered, one after the other.

    Read off the names: Alembic would bring 20 MB into each process that asks.
    """
    names = (each.name for each in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
    return max((name.partition("_")[0] for name in names), default=None)


def is_ready(libpq_url: str, *, needs_people: bool) -> bool:
    """Whether a database is migrated already and, if that is needed, has somebody in it."""
    with psycopg.connect(libpq_url) as connection:
        exists = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        if exists is None or exists[0] is None:
            return False
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if found is None or found[0] != newest_migration():
            return False
        if not needs_people:
            return True
        return connection.execute("SELECT 1 FROM people LIMIT 1").fetchone() is not None
