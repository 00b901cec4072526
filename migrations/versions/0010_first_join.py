"""first join

Revision ID: 0010
Revises: 0009
"""

from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_joins_first', 'joins', ['session_id', 'at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_joins_first', table_name='joins')
