"""whatsapp templates

Revision ID: 0009
Revises: 0008
"""

from alembic import op
import sqlalchemy as sa


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('whatsapp_templates',
    sa.Column('notice', sa.Text(), nullable=False),
    sa.Column('campaign', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('written_by_id', sa.BigInteger(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("state IN ('asking', 'used', 'refused', 'ended')", name=op.f('ck_whatsapp_templates_state')),
    sa.ForeignKeyConstraint(['written_by_id'], ['people.id'], name=op.f('fk_whatsapp_templates_written_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_whatsapp_templates'))
    )
    op.create_index('uq_whatsapp_templates_used', 'whatsapp_templates', ['notice'], unique=True, postgresql_where=sa.text("state = 'used'"))


def downgrade() -> None:
    op.drop_index('uq_whatsapp_templates_used', table_name='whatsapp_templates', postgresql_where=sa.text("state = 'used'"))
    op.drop_table('whatsapp_templates')
