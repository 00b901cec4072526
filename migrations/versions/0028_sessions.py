"""Sessions and second factors are rows; failures count what was refused, too.

Revision ID: 0028
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0025"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Who is signed in now has to do it once more.
    _table(
        "user_sessions",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("authenticated_at", INSTANT, nullable=False),
        sa.Column("factor", sa.Text()),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.UniqueConstraint("key", name=op.f("uq_user_sessions_key")),
    )
    op.create_index("ix_user_sessions_user", "user_sessions", ["user_id"])
    _table(
        "totp_secrets",
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("user_id", name=op.f("uq_totp_secrets_user_id")),
    )
    _table(
        "passkeys",
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index("ix_passkeys_user", "passkeys", ["user_id"])
    _table(
        "recovery_codes",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("used_at", INSTANT),
        sa.UniqueConstraint("user_id", "digest", name=op.f("uq_recovery_codes_user_id_digest")),
    )
    op.create_table(
        "reset_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_requests")),
    )
    op.add_column(
        "sign_in_failures",
        sa.Column("refused", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.drop_column("users", "session_epoch")


def downgrade() -> None:
    op.add_column(
        "users", sa.Column("session_epoch", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.alter_column("users", "session_epoch", server_default=None)
    op.drop_column("sign_in_failures", "refused")
    for name in ("reset_requests", "recovery_codes", "passkeys", "totp_secrets", "user_sessions"):
        op.drop_table(name)


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    """A table of rows that belong to a user and go with them."""
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], ondelete="CASCADE", name=op.f(f"fk_{name}_user_id")
        ),
    )
