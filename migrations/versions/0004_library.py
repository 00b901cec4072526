"""changes made inside Zoom, the fate of recordings, transcripts

Revision ID: 0004
Revises: 0001
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('sessions', sa.Column('zoom_gone_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('sessions', sa.Column('zoom_stamps', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('sessions', sa.Column('zoom_read_due_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('recordings', sa.Column('fate', sa.Text(), server_default=sa.text("'kept'"), nullable=False))
    op.add_column('recordings', sa.Column('fate_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('former_meetings',
    sa.Column('session_id', sa.BigInteger(), nullable=False),
    sa.Column('zoom_meeting_id', sa.BigInteger(), nullable=False),
    sa.Column('gone_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_former_meetings_session_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_former_meetings')),
    sa.UniqueConstraint('zoom_meeting_id', name=op.f('uq_former_meetings_zoom_meeting_id'))
    )
    op.create_index('ix_former_meetings_session', 'former_meetings', ['session_id'], unique=False)
    op.create_table('transcripts',
    sa.Column('recording_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.BigInteger(), nullable=False),
    sa.Column('fetched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('vtt', sa.Text(), nullable=True),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('words', postgresql.TSVECTOR(), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_transcripts_recording_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transcripts')),
    sa.UniqueConstraint('recording_id', name=op.f('uq_transcripts_recording_id'))
    )
    op.create_index('ix_transcripts_due', 'transcripts', ['due_at'], unique=False, postgresql_where=sa.text("state = 'wanted'"))
    op.create_index('ix_transcripts_words', 'transcripts', ['words'], unique=False, postgresql_using='gin')


def downgrade() -> None:
    op.drop_table('transcripts')
    op.drop_table('former_meetings')
    op.drop_column('recordings', 'fate_at')
    op.drop_column('recordings', 'fate')
    op.drop_column('sessions', 'zoom_read_due_at')
    op.drop_column('sessions', 'zoom_stamps')
    op.drop_column('sessions', 'zoom_gone_at')
