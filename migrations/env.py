"""Runs the migrations on the application's own engine, one process at a time."""

from alembic import context
from flask import current_app
from sqlalchemy import text

import ffapp.app  # noqa: F401  (brings every model into the metadata)
from ffapp.core.db import Instant

migrate = current_app.extensions["migrate"]
database = migrate.db

ONE_AT_A_TIME = 7304


def render_item(kind: str, value: object, autogenerate_context: object) -> str | bool:
    """Migrations name plain types, so that they go on working when our own types change."""
    if kind == "type" and isinstance(value, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    with database.engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))  # a migration may take its time
        # Held by the session, not by a transaction: two releases at once wait for each other.
        connection.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text(f"SELECT pg_advisory_unlock({ONE_AT_A_TIME})"))
        connection.commit()


if context.is_offline_mode():
    raise SystemExit("The migrations read the database; run them online.")
run()
