"""Contact is not identity: two siblings may share an address, and sign in by different names.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("sign_in_name", sa.Text()))
    op.execute(
        "UPDATE users SET sign_in_name = people.email FROM people WHERE people.id = users.person_id"
    )
    op.alter_column("users", "sign_in_name", nullable=False)
    op.create_unique_constraint("uq_users_sign_in_name", "users", ["sign_in_name"])
    op.drop_constraint("uq_people_email", "people", type_="unique")
    op.create_index("ix_people_email", "people", ["email"])


def downgrade() -> None:
    op.drop_index("ix_people_email", "people")
    op.create_unique_constraint("uq_people_email", "people", ["email"])
    op.drop_constraint("uq_users_sign_in_name", "users", type_="unique")
    op.drop_column("users", "sign_in_name")
