"""Where the rows of a list come from: a SELECT, or a sequence that Python has computed."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType
from typing import Any

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, literal, or_, select

from ffapp.core.db import db
from ffapp.core.matching import fold, mentions

BATCH = 500  # rows of a file that are loaded at a time


class QueryRows:
    """The rows of a SELECT of one entity (or one Bundle). `ties` and then `key` break ties."""

    def __init__(self, query: Select[Any], key: Any, ties: Sequence[Any] = ()) -> None:
        self.query, self.key, self.ties = query, key, ties

    def equals(self, column: Any, value: Any) -> Any:
        return _expression(column) == value

    def contains(self, columns: Sequence[Any], text: str) -> Any:
        return or_(*(mentions(_expression(each), text) for each in columns))

    def where(self, conditions: Sequence[Any]) -> "QueryRows":
        return QueryRows(self.query.where(*conditions), self.key, self.ties)

    def counts(self, column: Any) -> dict[Any, int]:
        """Value of the column → how many rows."""
        value = _expression(column).label("value")
        query = self.query.order_by(None).with_only_columns(
            value, func.count(), maintain_column_froms=True
        )
        return {row[0]: row[1] for row in db.session.execute(query.group_by(value))}

    def counts_up_to(self, column: Any, values: Sequence[Any], bound: int) -> dict[Any, int]:
        """The same for these values, each counted up to one more than the bound; one query."""
        value = _expression(column)
        rows = self.query.order_by(None).with_only_columns(literal(1), maintain_column_froms=True)
        some = [rows.where(value == each).limit(bound + 1).subquery() for each in values]
        counts = (select(func.count()).select_from(each).scalar_subquery() for each in some)
        found = db.session.execute(select(*counts)).one()
        return {value: count for value, count in zip(values, found, strict=True) if count}

    def ordered(self, column: Any, descending: bool) -> "QueryRows":
        """What is not known stands last."""
        column = _expression(column)
        order = column.desc() if descending else column.asc()
        if descending and _may_be_null(column):
            order = order.nulls_last()
        ties = [*self.ties, self.key.desc() if descending else self.key.asc()]
        query = self.query.order_by(None).order_by(order, *ties)
        return QueryRows(query, self.key, self.ties)

    def paginate(self, page: int, per_page: int, total: int | None) -> Pagination:
        """The page, or the last one when there are not so many."""
        page = _nearest(page, per_page, total)
        found = db.paginate(
            self.query, page=page, per_page=per_page, error_out=False, count=total is None
        )
        if total is not None:
            found.total = total
        elif not found.items and page > 1:
            return self.paginate(page, per_page, found.total)
        return found

    def batches(self) -> Iterator[Sequence[Any]]:
        query = self.query.execution_options(yield_per=BATCH)
        yield from db.session.scalars(query).partitions(BATCH)

    def keys(self) -> Sequence[Any]:
        return db.session.scalars(self.query.order_by(None).with_only_columns(self.key)).all()


class MemoryRows:
    """Rows that are there already; columns are functions of a row."""

    def __init__(self, rows: Sequence[Any], key: Callable[[Any], Any]) -> None:
        self.rows, self.key = rows, key

    def equals(self, column: Any, value: Any) -> Any:
        return lambda row: column(row) == value

    def contains(self, columns: Sequence[Any], text: str) -> Any:
        wanted = fold(text)
        return lambda row: any(wanted in fold(str(each(row) or "")) for each in columns)

    def where(self, conditions: Sequence[Any]) -> "MemoryRows":
        kept = [row for row in self.rows if all(each(row) for each in conditions)]
        return MemoryRows(kept, self.key)

    def counts(self, column: Any) -> dict[Any, int]:
        return dict(Counter(column(row) for row in self.rows))

    def counts_up_to(self, column: Any, values: Sequence[Any], bound: int) -> dict[Any, int]:
        return self.counts(column)

    def ordered(self, column: Any, descending: bool) -> "MemoryRows":
        known = [row for row in self.rows if column(row) is not None]
        rest = [row for row in self.rows if column(row) is None]
        return MemoryRows([*sorted(known, key=column, reverse=descending), *rest], self.key)

    def paginate(self, page: int, per_page: int, total: int | None) -> Pagination:
        page = _nearest(page, per_page, len(self.rows))
        return _MemoryPage(page=page, per_page=per_page, error_out=False, rows=self.rows)

    def batches(self) -> Iterator[Sequence[Any]]:
        yield self.rows

    def keys(self) -> Sequence[Any]:
        return [self.key(row) for row in self.rows]


Rows = QueryRows | MemoryRows


class _MemoryPage(Pagination):
    def _query_items(self) -> list[Any]:
        return list(self._query_args["rows"][self._query_offset :][: self.per_page])

    def _query_count(self) -> int:
        return len(self._query_args["rows"])


def _expression(column: Any) -> Any:
    """A column that depends on the time is a function that gives it."""
    return column() if isinstance(column, FunctionType) else column


def _may_be_null(column: Any) -> bool:
    """Whether a mapped column allows NULL; of an expression that is not known."""
    source = getattr(column, "expression", column)
    return bool(getattr(source, "nullable", True))


FURTHEST = 1_000_000  # page of a list that is not counted; Postgres takes no endless OFFSET


def _nearest(page: int, per_page: int, total: int | None) -> int:
    if total is None:
        return min(page, FURTHEST)
    return min(page, max(1, -(-total // per_page)))
