"""Calls by a computer voice, and their recordings.

Revision ID: 0035
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "call_logs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("effect_id", sa.BigInteger()),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger()),
        sa.Column("requested_by_id", sa.BigInteger()),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("first_id", sa.BigInteger()),
        sa.Column("phone", sa.Text()),
        sa.Column("execution_id", sa.Text()),
        sa.Column("status", sa.Text()),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("retry_count", sa.BigInteger(), nullable=False),
        sa.Column("status_at", INSTANT),
        sa.Column("problem", sa.Text()),
        sa.Column("is_voicemail", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.BigInteger()),
        sa.Column("cost_micros", sa.BigInteger()),
        sa.Column("transcript", sa.Text()),
        sa.Column("is_transcript_cut", sa.Boolean(), nullable=False),
        sa.Column("hangup_by", sa.Text()),
        sa.Column("hangup_reason", sa.Text()),
        sa.Column("recording_url", sa.Text()),
        sa.Column("recording_due_at", INSTANT),
        sa.Column("recording_problem", sa.Text()),
        sa.Column("ask_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("lost_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["effect_id"], ["effects.id"], "fk_call_logs_effect_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], "fk_call_logs_person_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardians.id"], "fk_call_logs_guardian_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_call_logs"),
        sa.UniqueConstraint("effect_id", name="uq_call_logs_effect_id"),
        sa.UniqueConstraint("execution_id", name="uq_call_logs_execution_id"),
    )
    _create_indexes()
    op.create_table(
        "call_recordings",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("mimetype", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call_logs.id"], "fk_call_recordings_call_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_call_recordings"),
        sa.UniqueConstraint("call_id", name="uq_call_recordings_call_id"),
    )


def downgrade() -> None:
    op.drop_table("call_recordings")
    op.drop_table("call_logs")


def _create_indexes() -> None:
    op.create_index("ix_call_logs_person", "call_logs", ["person_id", "id"])
    op.create_index("ix_call_logs_created", "call_logs", ["created_at"])
    partial = {"ended": "ended_at", "ask": "ask_at", "recording_due": "recording_due_at"}
    for name, column in partial.items():
        condition = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_call_logs_{name}", "call_logs", [column], postgresql_where=condition
        )
