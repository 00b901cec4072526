"""What a person may see, as a query: what it does not find is not there for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select

from ffapp.core.db import db

T = TypeVar("T")


@dataclass(frozen=True)
class Permission(Generic[T]):
    """Which rows of `model` somebody may see.

    `rows` is made of a person's id, or of a parameter for one, and selects the model. Pages find a
    row with `web.kit.queries.get_or_404`, lists begin with `rows`.
    """

    model: Any
    rows: Callable[[Any], Select[tuple[T]]]

    def find(self, person_id: int, row_id: int) -> T | None:
        """The row, or None where the person may not see it."""
        return db.session.scalar(self.rows(person_id).where(self.model.id == row_id))
