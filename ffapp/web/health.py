"""Whether the programme is well: database, migrations, worker."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ffapp.core.db import db
from ffapp.core.jobs import STALLED_SECONDS
from ffapp.core.schema import newest_migration


def troubles() -> list[str]:
    """One sentence for each thing that is wrong; empty when all is well."""
    try:
        return migration_troubles() or worker_troubles()
    except DBAPIError:
        db.session.rollback()
        return ["The database does not answer."]


def migration_troubles() -> list[str]:
    """What is wrong with the migrations; empty when nothing is."""
    exists = db.session.scalar(text("SELECT to_regclass('alembic_version')"))
    found = db.session.scalar(text("SELECT version_num FROM alembic_version")) if exists else None
    if found != newest_migration():
        return [f"The database is at migration {found}, the code at {newest_migration()}."]
    return []


def worker_troubles() -> list[str]:
    """What is wrong with the workers; empty when one is alive."""
    alive = db.session.scalar(
        text(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => :seconds)"
        ),
        {"seconds": STALLED_SECONDS},
    )
    return [] if alive else ["No worker is alive."]
