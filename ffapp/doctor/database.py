"""The database: its connections and its migrations."""

import os
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from ffapp.core.config import Settings
from ffapp.core.db import db
from ffapp.core.schema import newest_migration
from ffapp.doctor.findings import Finding, ok, wrong
from ffapp.people.demo import what_is_wrong
from ffapp.web import health

# The numbers of docs/running.md, “Connections”.
WEB_PROCESSES = 2
BESIDE_JOBS = 8
SIMULATORS = 3

ASK = """
SELECT current_setting('server_version') AS version,
       current_setting('max_connections')::int
       - CASE WHEN role.rolsuper THEN 0
              ELSE current_setting('superuser_reserved_connections')::int
                   + coalesce(current_setting('reserved_connections', true), '0')::int END
       AS of_server,
       nullif(role.rolconnlimit, -1) AS of_role,
       nullif(base.datconnlimit, -1) AS of_database,
       (SELECT count(*) FROM pg_stat_activity WHERE datname = base.datname) AS used
  FROM pg_roles AS role, pg_database AS base
 WHERE role.rolname = current_user AND base.datname = current_database()
"""


def answers() -> bool:
    """Whether the database can be asked at all."""
    try:
        db.session.execute(text("SELECT 1"))
    except (DBAPIError, NoConnectionFree):
        return False
    finally:
        db.session.rollback()
    return True


def look(settings: Settings) -> Iterator[Finding]:
    """How many connections there may be, against how many web, worker and simulators hold."""
    found = db.session.execute(text(ASK)).one()
    allowed = min(
        limit for limit in (found.of_server, found.of_role, found.of_database) if limit is not None
    )
    needed = connections_needed(settings, int(os.environ.get("WEB_CONCURRENCY") or WEB_PROCESSES))
    version = found.version.partition(" ")[0]
    if needed > allowed:
        yield wrong(
            "database",
            f"Postgres {version} allows {allowed} connections, and the app holds up to {needed}."
            " Lower WORKER_CONCURRENCY, DATABASE_POOL or WEB_CONCURRENCY, or allow more.",
        )
        return
    yield ok(
        "database",
        f"Postgres {version} answers and allows {allowed} connections; the app holds up to"
        f" {needed}, {found.used} are open now.",
    )


def look_at_accounts(settings: Settings) -> Iterator[Finding]:
    found = what_is_wrong(settings)
    yield wrong("accounts", found) if found else ok("accounts", "None of the demo’s is a danger.")


def connections_needed(settings: Settings, web_processes: int) -> int:
    """At most so many connections are held by web, one worker, and the simulators."""
    web = web_processes * settings.database_pool
    worker = settings.worker_concurrency + BESIDE_JOBS
    return web + worker + (SIMULATORS if settings.any_simulated else 0)


def look_at_migrations(settings: Settings) -> Iterator[Finding]:
    for trouble in health.migration_troubles():
        yield wrong("migrations", f"{trouble} Run: flask --app wsgi:migrations db upgrade")
        return
    yield ok("migrations", f"The database is at the newest, {newest_migration()}.")
