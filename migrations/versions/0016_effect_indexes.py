"""indexes of the ledger that sending many at once writes less often and never searches by id

Revision ID: 0016
Revises: 0015
"""

from alembic import op
import sqlalchemy as sa


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('open', 'person', 'subject', 'state'):
        op.drop_index(f'ix_effects_{name}', 'effects')
    op.create_index(
        'ix_effects_open',
        'effects',
        ['state', 'lane', 'due_at', 'id'],
        postgresql_where=sa.text("state IN ('planned','sending','uncertain')"),
    )
    op.create_index('ix_effects_person', 'effects', ['person_id'])
    op.create_index('ix_effects_subject', 'effects', ['subject'])
    op.create_index(
        'ix_effects_state',
        'effects',
        ['state', 'id'],
        postgresql_where=sa.text(
            "state IN ('failed','withheld','missed','cancelled','uncertain')"
        ),
    )


def downgrade() -> None:
    for name in ('open', 'person', 'subject', 'state'):
        op.drop_index(f'ix_effects_{name}', 'effects')
    op.create_index(
        'ix_effects_open',
        'effects',
        ['state', 'lane', 'due_at'],
        postgresql_where=sa.text("state IN ('planned','sending','uncertain')"),
    )
    op.create_index('ix_effects_person', 'effects', ['person_id', 'id'])
    op.create_index('ix_effects_subject', 'effects', ['subject', 'id'])
    op.create_index('ix_effects_state', 'effects', ['state', 'id'])
