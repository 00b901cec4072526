"""ended links

Revision ID: 0008
Revises: 0007
"""

from alembic import op
import sqlalchemy as sa


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('personal_links', sa.Column('shown_as', sa.Text(), nullable=True))
    op.add_column('personal_links', sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('personal_links', 'ended_at')
    op.drop_column('personal_links', 'shown_as')
