"""What /healthz says: database, migrations, and the alerts that belong there."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ffapp.core.db import db
from ffapp.core.schema import newest_migration
from ffapp.web.kit import alerts


def troubles() -> list[str]:
    """One sentence for each thing that is wrong; empty when all is well."""
    try:
        if behind := migration_troubles():
            return behind
        found = alerts.find(alerts.read_by(alerts.HEALTHZ)).values()
        return [each.sentence for mine in found for each in mine]
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
