"""A mail whose worker died has a log without its text; registrations have a lane of their own.

Revision ID: 0029
Revises: 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MAKE_UP_FOR_THE_MISSING = """
INSERT INTO email_logs (effect_id, address, words, status, status_at, message_id, created_at)
SELECT effects.id, people.email, '{}', 'handed over', effects.settled_at, effects.provider_ref,
       coalesce(effects.settled_at, now())
  FROM effects
  JOIN people ON people.id = effects.person_id
 WHERE effects.kind = 'email' AND effects.state = 'sent'
   AND NOT EXISTS (SELECT 1 FROM email_logs WHERE email_logs.effect_id = effects.id)
"""


def upgrade() -> None:
    op.alter_column("email_logs", "sheet_id", nullable=True)
    op.execute(MAKE_UP_FOR_THE_MISSING)
    _move_registrations("registrations")


def downgrade() -> None:
    _move_registrations("acts")
    op.execute("DELETE FROM email_logs WHERE sheet_id IS NULL")
    op.alter_column("email_logs", "sheet_id", nullable=False)


def _move_registrations(lane: str) -> None:
    op.execute(
        f"UPDATE effects SET lane = '{lane}' WHERE kind IN ('zoom.register', 'zoom.unregister')"
        " AND state IN ('planned', 'sending', 'uncertain')"
    )
