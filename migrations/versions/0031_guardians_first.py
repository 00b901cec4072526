"""Guardians are asked first: purposes apart, evidence, dates of birth, disabled accounts.

What was agreed to as `classes` covered the account's mail and the name at Zoom; now each of the two
stands for itself.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
DIVIDE = (
    "INSERT INTO consents (student_id, guardian_id, purpose, granted, recorded_at, recorded_by_id)"
    " SELECT student_id, guardian_id, 'zoom', granted, recorded_at, recorded_by_id FROM consents"
    " WHERE purpose = 'classes' ORDER BY id",
    "UPDATE consents SET purpose = 'account' WHERE purpose = 'classes'",
)
EVIDENCE = ("notice_version", "ip_address", "code_sent_to", "proof_note")


def upgrade() -> None:
    op.add_column("people", sa.Column("born_on", sa.Date()))
    op.add_column("users", sa.Column("disabled_at", INSTANT))
    op.add_column("guardians", sa.Column("language", sa.Text()))
    op.add_column("guardians", sa.Column("asked_at", INSTANT))
    epoch = sa.Column("link_epoch", sa.BigInteger(), server_default="0", nullable=False)
    op.add_column("guardians", epoch)
    _create_proofs()
    _create_codes()
    op.alter_column("consents", "guardian_id", nullable=True)
    method = sa.Column("method", sa.Text(), server_default="admin", nullable=False)
    op.add_column("consents", method)
    for name in EVIDENCE:
        op.add_column("consents", sa.Column(name, sa.Text()))
    op.add_column("consents", sa.Column("proof_id", sa.BigInteger()))
    op.create_foreign_key(
        "fk_consents_proof_id",
        "consents",
        "consent_proofs",
        ["proof_id"],
        ["id"],
        ondelete="CASCADE",
    )
    for statement in DIVIDE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM consents WHERE guardian_id IS NULL OR purpose NOT IN"
               " ('account', 'whatsapp')")  # fmt: skip
    op.execute("UPDATE consents SET purpose = 'classes' WHERE purpose = 'account'")
    for name in ("proof_id", *EVIDENCE, "method"):
        op.drop_column("consents", name)
    op.alter_column("consents", "guardian_id", nullable=False)
    op.drop_table("guardian_codes")
    op.drop_table("consent_proofs")
    for name in ("link_epoch", "asked_at", "language"):
        op.drop_column("guardians", name)
    op.drop_column("users", "disabled_at")
    op.drop_column("people", "born_on")


def _create_proofs() -> None:
    op.create_table(
        "consent_proofs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("student_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("mimetype", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["student_id"], ["people.id"], "fk_consent_proofs_student_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consent_proofs"),
    )


def _create_codes() -> None:
    op.create_table(
        "guardian_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardians.id"], "fk_guardian_codes_guardian_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_guardian_codes"),
    )
    op.create_index("ix_guardian_codes_guardian", "guardian_codes", ["guardian_id", "id"])
