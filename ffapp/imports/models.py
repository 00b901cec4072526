"""A file that is imported, and its rows."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core.db import Row, db


class RowState(StrEnum):
    NEW = "new"  # not looked at yet
    READY = "ready"
    BAD = "bad"  # it has errors
    DUPLICATE = "duplicate"  # an earlier row of the file is about the same
    SKIPPED = "skipped"  # left out by the admin who imports
    APPLIED = "applied"
    REJECTED = "rejected"  # refused when it was applied
    UNDONE = "undone"


class ImportFile(Row, db.Model):
    """One upload. `target_id` is the row that it is imported into, as its kind says.

    `header_row` is the number of the row with the columns' names, 0 when there is none; rows up to
    it are not data. `mapping` is field → index of a column.
    """

    __tablename__ = "imports"
    __table_args__ = (Index("ix_imports_target", "kind", "target_id", "id"),)

    kind: Mapped[str] = mapped_column(Text)
    target_id: Mapped[int]
    file_name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]
    width: Mapped[int] = mapped_column(default=0)
    header_row: Mapped[int] = mapped_column(default=0)
    header: Mapped[list[Any]] = mapped_column(default=list)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    check_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))


class ImportRow(db.Model):
    """One row of the file. What somebody typed over a cell stands in `edits`, by field.

    `values` are the cleaned values of the fields, `errors` and `notes` a sentence by field; `key`
    says whom or what the row is about, so that the same one twice is found.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        Index("ix_import_rows_state", "import_id", "state", "number"),
        Index("ix_import_rows_key", "import_id", "key", "number"),
    )

    import_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cells: Mapped[list[Any]]
    edits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    errors: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    key: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default=RowState.NEW)
    reason: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)

    def raw(self, field: str, mapping: Mapping[str, int]) -> str:
        """What stands in the field as it was sent, or as it was typed over."""
        if field in self.edits:
            return str(self.edits[field])
        column = mapping.get(field)
        return str(self.cells[column]) if column is not None and column < len(self.cells) else ""

    def refuse(self, field: str, sentence: str) -> None:
        """Say what is wrong with a field."""
        self.errors = {**self.errors, field: self.errors.get(field, sentence)}

    def mark_undone(self) -> None:
        """Say that what was applied was taken back."""
        self.state, self.reason = RowState.UNDONE, "It was undone."

    def note(self, field: str, sentence: str) -> None:
        """Say something about a field that does not stop the row."""
        self.notes = {**self.notes, field: sentence}
