"""Plain names: tables, events and the state of a delivery.

Revision ID: 0018
Revises: 0017
"""

from collections.abc import Iterable

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = [("stays", "participant_sessions"), ("attendance_corrections", "attendance_overrides")]
# Their indexes and constraints, without the table's name.
INDEXES = {
    "participant_sessions": [
        "pk_{}",
        "uq_{}_meeting_uuid_user_id",
        "ix_{}_assignment_id",
        "ix_{}_person",
        "ix_{}_session",
        "ix_{}_unmatched",
    ],
    "attendance_overrides": ["pk_{}"],
}
CONSTRAINTS = {
    "participant_sessions": ["fk_{}_assignment_id", "fk_{}_person_id", "fk_{}_session_id"],
    "attendance_overrides": [
        "ck_{}_minutes",
        "fk_{}_by_id",
        "fk_{}_person_id",
        "fk_{}_session_id",
    ],
}
EVENTS = [
    ("another_meeting_wished", "meeting_recreation_requested"),
    ("meeting_read", "meeting_refreshed"),
    ("meeting_not_read", "meeting_refresh_failed"),
    ("zoom_change_not_taken", "zoom_change_ignored"),
    ("waiting_tried", "retries_expedited"),
    ("participant_set_aside", "participant_marked_guest"),
    ("recording_shown", "recording_published"),
    ("recording_hidden", "recording_unpublished"),
    ("correction_taken_back", "attendance_override_revoked"),
    ("attendance_corrected", "attendance_overridden"),
]
ACTIVE = "uq_attendance_corrections_standing", "uq_attendance_overrides_active"
REVOKED = "taken_back_at", "revoked_at"
UNMATCHED = "parked", "unmatched"


def upgrade() -> None:
    for old, new in TABLES:
        _rename_table(old, new, new)
    op.execute(f"ALTER INDEX {ACTIVE[0]} RENAME TO {ACTIVE[1]}")
    op.alter_column("attendance_overrides", REVOKED[0], new_column_name=REVOKED[1])
    _rename_values(EVENTS, *UNMATCHED)


def downgrade() -> None:
    op.alter_column("attendance_overrides", REVOKED[1], new_column_name=REVOKED[0])
    op.execute(f"ALTER INDEX {ACTIVE[1]} RENAME TO {ACTIVE[0]}")
    for old, new in TABLES:
        _rename_table(new, old, new)
    _rename_values([(new, old) for old, new in EVENTS], *reversed(UNMATCHED))


def _rename_table(old: str, new: str, listed: str) -> None:
    op.rename_table(old, new)
    op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")
    for name in INDEXES[listed]:
        op.execute(f"ALTER INDEX {name.format(old)} RENAME TO {name.format(new)}")
    for name in CONSTRAINTS[listed]:
        op.execute(
            f"ALTER TABLE {new} RENAME CONSTRAINT {name.format(old)} TO {name.format(new)}"
        )


def _rename_values(events: Iterable[tuple[str, str]], old_state: str, new_state: str) -> None:
    for old, new in events:
        op.execute(f"UPDATE events SET name = '{new}' WHERE name = '{old}'")
    op.execute(f"UPDATE webhook_deliveries SET state = '{new_state}' WHERE state = '{old_state}'")
    op.execute(
        f"UPDATE saved_views SET query = replace(query, 'state={old_state}', 'state={new_state}')"
    )
