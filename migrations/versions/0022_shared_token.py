"""Who renews a provider's token holds Postgres' own lock; the lease in the row goes.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("provider_tokens", "leased_until")
    op.drop_column("provider_tokens", "leased_by")


def downgrade() -> None:
    op.add_column("provider_tokens", sa.Column("leased_by", sa.Text(), nullable=True))
    op.add_column(
        "provider_tokens", sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True)
    )
