"""What Zoom last had of a meeting, in place of when each part of it was changed.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# What Zoom knows of a class that has no change under way, as `zoom_changes.seen_after` writes it.
SEEN = r"""
UPDATE sessions SET zoom_seen = jsonb_build_object(
         'topic', rtrim(left(btrim(regexp_replace(
             sessions.title || ' · ' || cohorts.name, '\s+', ' ', 'g')), 200)),
         'starts_at', to_char(date_trunc('second', starts_at) AT TIME ZONE 'UTC',
             'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
         'minutes', duration_minutes)
  FROM cohorts
 WHERE cohorts.id = sessions.cohort_id AND zoom_revision = sessions.revision
"""


def upgrade() -> None:
    op.drop_column("sessions", "zoom_stamps")
    op.add_column("sessions", sa.Column("zoom_seen", postgresql.JSONB(), nullable=True))
    op.add_column("sessions", sa.Column("zoom_changed_by", sa.Text(), nullable=True))
    op.execute(SEEN)


def downgrade() -> None:
    op.drop_column("sessions", "zoom_changed_by")
    op.drop_column("sessions", "zoom_seen")
    op.add_column(
        "sessions",
        sa.Column(
            "zoom_stamps", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False
        ),
    )
