"""What was derived in each query is stored: rehearsals, and where a recording's file is.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STATE, UNKNOWN = "ix_sessions_recording_state", "ix_sessions_recording_unknown"
# What ended by then was a try of the host's own: nobody could join, or nobody did.
BEGINS = """GREATEST(s.starts_at - interval '15 minutes', LEAST(s.starts_at,
    (SELECT min(j.at) FROM joins j WHERE j.session_id = s.id) - interval '1 second'))"""


def upgrade() -> None:
    for table, ended_at in (("meeting_instances", "ended_at"), ("recordings", "ends_at")):
        column = sa.Column(
            "is_rehearsal", sa.Boolean(), server_default=sa.text("false"), nullable=False
        )
        op.add_column(table, column)
        op.execute(
            f"UPDATE {table} t SET is_rehearsal = true FROM sessions s"
            f" WHERE s.id = t.session_id AND t.{ended_at} <= {BEGINS}"
        )
    op.alter_column("recordings", "fate", new_column_name="state", server_default="available")
    op.alter_column("recordings", "fate_at", new_column_name="state_since")
    op.execute("UPDATE recordings SET state = 'available' WHERE state = 'kept'")
    op.drop_column("recordings", "status")
    op.create_index(
        STATE,
        "sessions",
        ["recording_state", "starts_at"],
        postgresql_where=sa.text("recording_state IS NOT NULL"),
    )
    op.create_index(
        UNKNOWN,
        "sessions",
        ["starts_at"],
        postgresql_where=sa.text("recording_state IS NULL AND cancelled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(UNKNOWN, "sessions")
    op.drop_index(STATE, "sessions")
    status = sa.Column(
        "status", sa.Text(), server_default=sa.text("'completed'"), nullable=False
    )
    op.add_column("recordings", status)
    op.alter_column("recordings", "status", server_default=None)
    op.execute("UPDATE recordings SET state = 'kept' WHERE state = 'available'")
    op.alter_column("recordings", "state", new_column_name="fate", server_default="kept")
    op.alter_column("recordings", "state_since", new_column_name="fate_at")
    for table in ("recordings", "meeting_instances"):
        op.drop_column(table, "is_rehearsal")
