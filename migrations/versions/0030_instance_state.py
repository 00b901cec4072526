"""An instance of a meeting was the class, or is kept apart; a recording belongs to its instance.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# A file of which the meeting was never heard of proves that it was held.
MISSING = """
INSERT INTO meeting_instances (session_id, zoom_uuid, started_at, ended_at, state)
SELECT min(session_id), meeting_uuid, min(starts_at), max(coalesce(ends_at, starts_at)),
       CASE WHEN bool_and(is_rehearsal) THEN 'rehearsal' ELSE 'counted' END
  FROM recordings AS r
 WHERE NOT EXISTS (SELECT 1 FROM meeting_instances AS m WHERE m.zoom_uuid = r.meeting_uuid)
 GROUP BY meeting_uuid
"""


def upgrade() -> None:
    op.add_column(
        "meeting_instances",
        sa.Column("state", sa.Text(), server_default=sa.text("'counted'"), nullable=False),
    )
    op.add_column("meeting_instances", sa.Column("was_class", sa.Boolean(), nullable=True))
    op.execute("UPDATE meeting_instances SET state = 'rehearsal' WHERE is_rehearsal")
    op.execute(MISSING)
    op.drop_column("meeting_instances", "is_rehearsal")
    op.create_check_constraint(
        op.f("ck_meeting_instances_state"),
        "meeting_instances",
        "state IN ('counted', 'rehearsal', 'outside', 'reopened')",
    )
    op.create_index(
        "ix_meeting_instances_running",
        "meeting_instances",
        ["session_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    # What no admin has decided follows from the meeting; a rehearsal shown was somebody's decision.
    op.alter_column("recordings", "visible", nullable=True)
    op.execute(
        "UPDATE recordings SET visible = NULL"
        " WHERE visible AND NOT is_rehearsal OR NOT visible AND is_rehearsal"
    )
    op.drop_column("recordings", "is_rehearsal")
    op.add_column("sessions", sa.Column("recording_announced_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE sessions SET recording_announced_at = coalesce(recording_since, ends.at)"
        "  FROM (SELECT session_id, max(first_seen_at) AS at FROM recordings GROUP BY session_id)"
        "    AS ends"
        " WHERE ends.session_id = sessions.id AND recording_state IN ('available', 'trashed')"
    )
    op.drop_index("ix_joins_first", table_name="joins")


def downgrade() -> None:
    op.create_index("ix_joins_first", "joins", ["session_id", "at"])
    op.drop_column("sessions", "recording_announced_at")
    rehearsal = sa.Column(
        "is_rehearsal", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("recordings", rehearsal)
    op.execute(
        "UPDATE recordings SET is_rehearsal = m.state <> 'counted',"
        "       visible = coalesce(recordings.visible, m.state = 'counted')"
        "  FROM meeting_instances AS m WHERE m.zoom_uuid = recordings.meeting_uuid"
    )
    op.execute("UPDATE recordings SET visible = false WHERE visible IS NULL")
    op.alter_column("recordings", "visible", nullable=False)
    op.drop_index("ix_meeting_instances_running", table_name="meeting_instances")
    op.drop_constraint("ck_meeting_instances_state", "meeting_instances")
    rehearsal = sa.Column(
        "is_rehearsal", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("meeting_instances", rehearsal)
    op.execute("UPDATE meeting_instances SET is_rehearsal = state <> 'counted'")
    op.drop_column("meeting_instances", "was_class")
    op.drop_column("meeting_instances", "state")
