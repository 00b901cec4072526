"""What the simulated providers saw, and what the ledger says: the two that must agree.

Everything is read on connections of its own, so that nothing stale is seen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url, text

from ffapp.core.db import db

# One act is one row here: a mail or a call to a person, a registration of one, a change of a
# meeting by an effect of ours. The simulated Zoom knows a delete by its meeting only.
ACTS = """
SELECT act, CASE act WHEN 'meeting.delete' THEN facts->>'meeting_id'
            ELSE coalesce(effect_id, 'journal row ' || id) END AS what, count(*) AS times
  FROM simulator.journal
 WHERE status < 300
   AND act IN ('mail', 'meeting.create', 'meeting.update', 'meeting.delete', 'registrant.add',
               'call')
 GROUP BY 1, 2
"""

_elsewhere: ContextVar[Engine | None] = ContextVar("elsewhere", default=None)


@dataclass(frozen=True)
class Row:
    """An effect as it stands in the ledger."""

    id: int
    kind: str
    rule: str
    state: str
    reason: str | None
    attempts: int
    subject: str
    person_id: int | None
    key: str


@contextmanager
def looking_at(database_url: str | URL) -> Iterator[None]:
    """In the block, look at another database than that of the tests."""
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, pool_size=1, pool_pre_ping=True)
    reset = _elsewhere.set(engine)
    try:
        yield
    finally:
        _elsewhere.reset(reset)
        engine.dispose()


def journal_counts() -> dict[tuple[str, str], int]:
    """(act, effect id or, of a delete, meeting id) → how often a provider did it."""
    with _engine().connect() as connection:
        return {(row.act, row.what): row.times for row in connection.execute(text(ACTS))}


def assert_nothing_twice() -> None:
    """No journal shows two acts of one effect."""
    twice = {what: times for what, times in journal_counts().items() if times > 1}
    assert not twice, f"done more than once: {twice}"


def mails_of(effect_id: int) -> int:
    """How many mails SendGrid took for this effect."""
    return journal_counts().get(("mail", str(effect_id)), 0)


def everything_the_simulators_know() -> str:
    """Every row that a simulated provider keeps, as one text to look for a word in."""
    tables = ("journal", "things", "callbacks")
    with _engine().connect() as connection:
        rows = [
            row
            for table in tables
            for row in connection.scalars(text(f"SELECT t::text FROM simulator.{table} t"))
        ]
    return "\n".join(rows)


def ledger(where: str = "true", **values: Any) -> list[Row]:
    """Rows of the ledger, oldest first; `where` is SQL."""
    columns = ", ".join(Row.__dataclass_fields__)
    with _engine().connect() as connection:
        found = connection.execute(
            text(f"SELECT {columns} FROM effects WHERE {where} ORDER BY id"), values
        )
        return [Row(**row) for row in found.mappings()]


def count(where: str = "true", **values: Any) -> int:
    """How many rows of the ledger meet `where`."""
    return int(sql(f"SELECT count(*) FROM effects WHERE {where}", **values))


def sql(statement: str, **values: Any) -> Any:
    """Run one statement and commit; answers its first value, if it has rows."""
    with _engine().begin() as connection:
        result = connection.execute(text(statement), values)
        return result.scalar() if result.returns_rows else result.rowcount


def meetings_at_zoom(title: str) -> list[dict[str, Any]]:
    """The meetings with this title that exist at the simulated Zoom."""
    with _engine().connect() as connection:
        rows = connection.execute(
            text(
                "SELECT data FROM simulator.things WHERE provider = 'zoom' AND kind = 'meeting'"
                " AND data->>'state' <> 'deleted' AND starts_with(data->>'topic', :title)"
            ),
            {"title": f"{title} ·"},
        )
        return [row.data for row in rows]


def _engine() -> Engine:
    return _elsewhere.get() or db.engine
