"""A person's revision, as cohorts have one: two admins notice each other.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


EDITED = ("cohorts", "educator_settings", "message_templates")


def upgrade() -> None:
    op.add_column(
        "people", sa.Column("revision", sa.BigInteger(), nullable=False, server_default="1")
    )
    for table in EDITED:
        op.alter_column(table, "revision", server_default="1")


def downgrade() -> None:
    for table in EDITED:
        op.alter_column(table, "revision", server_default=None)
    op.drop_column("people", "revision")
