"""Each time zone by one name: `Asia/Calcutta` is `Asia/Kolkata`.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op
from babel.core import get_global

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("cohorts", "people", "sessions"):
        rename = sa.text(f"UPDATE {table} SET time_zone = :name WHERE time_zone = :alias")
        for alias, name in get_global("zone_aliases").items():
            op.execute(rename.bindparams(name=name, alias=alias))


def downgrade() -> None:
    pass
