"""Plain names: an address whose owner opted out, and the places that an import gave.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rename_cause("wish", "opted_out")
    _rename_place("seat", "place")


def downgrade() -> None:
    _rename_cause("opted_out", "wish")
    _rename_place("place", "seat")


def _rename_cause(old: str, new: str) -> None:
    op.drop_constraint("ck_suppressions_cause", "suppressions")
    op.execute(f"UPDATE suppressions SET cause = '{new}' WHERE cause = '{old}'")
    op.create_check_constraint(
        op.f("ck_suppressions_cause"),
        "suppressions",
        f"cause IN ('{new}', 'bounced', 'no_whatsapp')",
    )
    op.alter_column("suppressions", "cause", server_default=new)


def _rename_place(old: str, new: str) -> None:
    op.execute(
        f"UPDATE import_rows SET result = (result - '{old}')"
        f" || jsonb_build_object('{new}', result -> '{old}') WHERE result ? '{old}'"
    )
