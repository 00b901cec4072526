"""Indexes for what Today counts: two weeks of joins, views and messages, and acts that wait.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SENT = "state = 'sent' AND kind IN ('call','email','whatsapp')"
RETRIED = "state = 'planned' AND attempts >= 3"
LIVE = "started_at IS NOT NULL AND ended_at IS NULL"


def upgrade() -> None:
    op.create_index(
        "ix_effects_sent", "effects", ["settled_at"], postgresql_where=sa.text(SENT)
    )
    op.create_index("ix_effects_retried", "effects", ["kind"], postgresql_where=sa.text(RETRIED))
    op.create_index("ix_joins_at", "joins", ["at", "person_id"])
    op.create_index("ix_recording_views_at", "recording_views", ["at"])
    op.create_index("ix_meeting_instances_started", "meeting_instances", ["started_at"])
    op.create_index("ix_sessions_live", "sessions", ["starts_at"], postgresql_where=sa.text(LIVE))
    op.create_index(
        "ix_enrolments_active",
        "enrolments",
        ["cohort_id", "person_id"],
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_enrolments_active", "enrolments")
    op.drop_index("ix_sessions_live", "sessions")
    op.drop_index("ix_meeting_instances_started", "meeting_instances")
    op.drop_index("ix_recording_views_at", "recording_views")
    op.drop_index("ix_joins_at", "joins")
    op.drop_index("ix_effects_retried", "effects")
    op.drop_index("ix_effects_sent", "effects")
