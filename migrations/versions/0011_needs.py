"""what needs a person: addresses that can be reached again, failures that were seen

Revision ID: 0011
Revises: 0010
"""

from urllib.parse import urlsplit

from alembic import op
import sqlalchemy as sa

from ffapp.core import config


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('suppressions', sa.Column('cause', sa.Text(), server_default='wish', nullable=False))
    op.add_column('suppressions', sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE suppressions SET cause = 'bounced' WHERE reason LIKE 'Mail to this address%'")
    op.execute("UPDATE suppressions SET cause = 'no_whatsapp' WHERE reason LIKE 'This number is not%'")
    op.create_check_constraint(
        op.f('ck_suppressions_cause'), 'suppressions', "cause IN ('wish', 'bounced', 'no_whatsapp')"
    )
    op.drop_constraint(op.f('uq_suppressions_address'), 'suppressions', type_='unique')
    op.create_unique_constraint(
        op.f('uq_suppressions_address_cause'), 'suppressions', ['address', 'cause']
    )
    op.add_column('email_logs', sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('whatsapp_logs', sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        'template_drafts', sa.Column('base_revision', sa.BigInteger(), server_default='0', nullable=False)
    )
    op.execute(
        "UPDATE template_drafts SET base_revision = message_templates.revision"
        " FROM message_templates WHERE message_templates.notice = template_drafts.notice"
    )
    op.create_index(
        'ix_email_logs_unseen',
        'email_logs',
        ['status_at'],
        postgresql_where=sa.text("seen_at IS NULL AND status IN ('dropped', 'blocked', 'bounced')"),
    )
    op.create_index(
        'ix_whatsapp_logs_unseen',
        'whatsapp_logs',
        ['status_at'],
        postgresql_where=sa.text("seen_at IS NULL AND status = 'failed'"),
    )
    op.add_column(
        'sessions',
        sa.Column(
            'calendar_uid', sa.Text(), server_default=sa.text('gen_random_uuid()'), nullable=False
        ),
    )
    # Calendars have those of before already, under the names that they had.
    host = urlsplit(config.current().public_url).hostname or 'localhost'
    op.execute(
        sa.text("UPDATE sessions SET calendar_uid = 'class-' || id || '@' || :host").bindparams(host=host)
    )
    op.add_column('sessions', sa.Column('zoom_read_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('sessions', sa.Column('zoom_read_problem', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('template_drafts', 'base_revision')
    op.drop_column('sessions', 'zoom_read_problem')
    op.drop_column('sessions', 'zoom_read_at')
    op.drop_column('sessions', 'calendar_uid')
    op.drop_index('ix_whatsapp_logs_unseen', 'whatsapp_logs')
    op.drop_index('ix_email_logs_unseen', 'email_logs')
    op.drop_column('whatsapp_logs', 'seen_at')
    op.drop_column('email_logs', 'seen_at')
    op.execute("DELETE FROM suppressions WHERE lifted_at >= since")
    op.execute(
        "DELETE FROM suppressions AS one USING suppressions AS other"
        " WHERE one.address = other.address AND one.id > other.id"
    )
    op.drop_constraint(op.f('uq_suppressions_address_cause'), 'suppressions', type_='unique')
    op.create_unique_constraint(op.f('uq_suppressions_address'), 'suppressions', ['address'])
    op.drop_column('suppressions', 'lifted_at')
    op.drop_column('suppressions', 'cause')
