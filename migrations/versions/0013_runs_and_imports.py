"""runs with their progress, imports of files, acts that can be undone of any kind

Revision ID: 0013
Revises: 0012
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)

# What is somebody's own and goes with them; where somebody has done more, they stay.
THEIRS = (
    ("users", "person_id"),
    ("guardians", "student_id"),
    ("consents", "student_id"),
    ("access_links", "person_id"),
    ("notifications", "person_id"),
    ("notification_choices", "person_id"),
    ("quiet_hours", "person_id"),
)
KEEP_SYNCS = """
INSERT INTO runs (kind, subject, asked_by, asked_at, started_at, moved_at, finished_at, state, total,
                  done, failed, position, facts, problems, attempt)
SELECT 'recordings.sync', 'class=' || session_id, asked_by, asked_at, started_at,
       coalesce(finished_at, started_at, asked_at), coalesce(finished_at, now()),
       CASE WHEN finished_at IS NULL THEN 'failed' ELSE 'done' END, greatest(hosts, 1),
       CASE WHEN hosts > 0 THEN hosts_done ELSE 1 END, 0, '{}',
       jsonb_build_object('hosts', hosts, 'classes', classes, 'calls', calls,
                          'files_new', files_new, 'became_available', became_available), problems, 1
  FROM recording_sync_runs ORDER BY id
"""


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("cancel_requested_at", INSTANT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("position", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_kind", "runs", ["kind", "id"])
    op.create_index(
        "ix_runs_subject", "runs", ["subject", "id"],
        postgresql_where=sa.text("subject IS NOT NULL"),
    )
    op.execute(KEEP_SYNCS)
    op.drop_table("recording_sync_runs")
    op.add_column("batches", sa.Column("undo_until", INSTANT, nullable=True))
    op.execute("UPDATE batches SET undo_until = made_at + interval '60 seconds'")
    op.alter_column("batches", "undo_until", nullable=False)
    op.drop_constraint(op.f("ck_batches_kind"), "batches")
    op.create_table(
        "imports",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("header_row", sa.BigInteger(), nullable=False),
        sa.Column("header", JSON, nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("check_id", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_imports_made_by_id")),
        sa.ForeignKeyConstraint(["check_id"], ["runs.id"], name=op.f("fk_imports_check_id")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_imports_run_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_imports_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_target", "imports", ["kind", "target_id", "id"])
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("edits", JSON, nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("errors", JSON, nullable=False),
        sa.Column("notes", JSON, nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("result", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_rows_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_rows")),
    )
    op.create_index("ix_import_rows_state", "import_rows", ["import_id", "state", "number"])
    op.create_index("ix_import_rows_key", "import_rows", ["import_id", "key", "number"])
    for table, column in THEIRS:
        _refer_to_people(table, column, ondelete="CASCADE")
    _refer_to("consents", "guardian_id", "guardians", ondelete="CASCADE")


def _refer_to_people(table: str, column: str, ondelete: str | None) -> None:
    _refer_to(table, column, "people", ondelete)


def _refer_to(table: str, column: str, other: str, ondelete: str | None) -> None:
    name = op.f(f"fk_{table}_{column}")
    op.drop_constraint(name, table, type_="foreignkey")
    op.create_foreign_key(name, table, other, [column], ["id"], ondelete=ondelete)


def downgrade() -> None:
    _refer_to("consents", "guardian_id", "guardians", ondelete=None)
    for table, column in THEIRS:
        _refer_to_people(table, column, ondelete=None)
    op.drop_table("import_rows")
    op.drop_table("imports")
    op.execute("DELETE FROM batches WHERE kind NOT IN ('enrol','message','cancel')")
    op.create_check_constraint(
        op.f("ck_batches_kind"), "batches", "kind IN ('enrol','message','cancel')"
    )
    op.drop_column("batches", "undo_until")
    op.create_table(
        "recording_sync_runs",
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("hosts", sa.BigInteger(), nullable=False),
        sa.Column("hosts_done", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("classes", sa.BigInteger(), nullable=False),
        sa.Column("files_new", sa.BigInteger(), nullable=False),
        sa.Column("became_available", sa.BigInteger(), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_recording_sync_runs_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_sync_runs")),
    )
    op.drop_table("runs")
