"""The state of a class's meeting, and when the class was held, are columns.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

HELD = """
UPDATE sessions SET started_at = held.started_at, ended_at = held.ended_at
  FROM (SELECT session_id,
               CASE WHEN bool_or(ended_at IS NULL)
                    THEN max(started_at) FILTER (WHERE ended_at IS NULL)
                    ELSE min(started_at) END AS started_at,
               CASE WHEN NOT bool_or(ended_at IS NULL) THEN max(ended_at) END AS ended_at
          FROM meeting_instances WHERE NOT is_rehearsal GROUP BY session_id) AS held
 WHERE held.session_id = sessions.id
"""
# What is under way, else the newest effect of a class that had an outcome.
STATE = """
UPDATE sessions SET meeting_effect_id = found.effect_id, meeting_state = found.said,
       meeting_problem = CASE found.said
         WHEN 'gone' THEN 'The meeting was deleted inside Zoom.'
         WHEN 'failed' THEN 'The meeting could not be ' || found.done || ': ' || found.reason
         WHEN 'uncertain' THEN
           'Nobody knows whether the meeting was ' || found.done || ': ' || found.reason
       END
  FROM (SELECT s.id,
               CASE WHEN e.state IN ('planned', 'sending', 'uncertain', 'failed')
                      OR e.kind = 'zoom.delete' THEN e.id END AS effect_id,
               coalesce(e.reason, '') AS reason,
               CASE e.kind WHEN 'zoom.create' THEN 'made' WHEN 'zoom.update' THEN 'changed'
                           ELSE 'deleted' END AS done,
               CASE WHEN e.state = 'uncertain' THEN 'uncertain'
                    WHEN e.state IN ('planned', 'sending') THEN
                      CASE e.kind WHEN 'zoom.create' THEN 'making'
                                  WHEN 'zoom.update' THEN 'changing' ELSE 'deleting' END
                    WHEN s.zoom_gone_at IS NOT NULL AND s.cancelled_at IS NULL
                         AND NOT coalesce(e.kind = 'zoom.create' AND e.state = 'failed', false)
                      THEN 'gone'
                    WHEN e.state = 'failed' AND (
                         e.kind = 'zoom.delete' AND s.cancelled_at IS NOT NULL
                           AND s.zoom_join_url IS NOT NULL
                      OR e.kind = 'zoom.create' AND s.cancelled_at IS NULL
                           AND (s.zoom_meeting_id IS NULL OR s.zoom_gone_at IS NOT NULL)
                      OR e.kind = 'zoom.update' AND s.cancelled_at IS NULL
                           AND s.zoom_revision IS DISTINCT FROM s.revision) THEN 'failed'
                    WHEN e.kind = 'zoom.delete' AND e.state = 'sent'
                      OR s.zoom_gone_at IS NOT NULL THEN 'deleted'
                    WHEN s.zoom_meeting_id IS NOT NULL THEN 'ready'
                    ELSE 'none' END AS said
          FROM sessions AS s
          LEFT JOIN LATERAL (
               SELECT * FROM effects
                WHERE subject = 'class=' || s.id
                  AND kind IN ('zoom.create', 'zoom.update', 'zoom.delete')
                  AND state IN ('planned', 'sending', 'uncertain', 'sent', 'failed')
                  AND NOT jsonb_exists(payload, 'meeting_id')
                ORDER BY state IN ('sending', 'uncertain') DESC, state = 'planned' DESC,
                         CASE WHEN state = 'planned' THEN -id ELSE id END DESC
                LIMIT 1) AS e ON true) AS found
 WHERE found.id = sessions.id
"""


def upgrade() -> None:
    for column in ("started_at", "ended_at"):
        op.add_column("sessions", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "sessions",
        sa.Column("meeting_state", sa.Text(), server_default="none", nullable=False),
    )
    op.add_column("sessions", sa.Column("meeting_problem", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("meeting_effect_id", sa.BigInteger(), nullable=True))
    op.execute(HELD)
    op.execute(STATE)
    op.create_index(
        "ix_sessions_meeting_problem",
        "sessions",
        ["starts_at"],
        postgresql_where=sa.text("meeting_problem IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_sessions_meeting_problem", table_name="sessions")
    for column in (
        "meeting_effect_id",
        "meeting_problem",
        "meeting_state",
        "ended_at",
        "started_at",
    ):
        op.drop_column("sessions", column)
