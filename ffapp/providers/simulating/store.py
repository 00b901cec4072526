"""What the simulators remember, in the Postgres schema `simulator`. The programme never reads it.

Every write commits at once on a connection of the simulators' own: the journal is the witness in
every test of the ledger, so it must be there before the simulator answers.
"""

import json
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Engine,
    Identity,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    cast,
    create_engine,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from ffapp.core import clock, config
from ffapp.core.db import Instant, engine_options

LAYOUT = 4  # raise it when a table below changes: the simulators then start anew
SWITCH = "switch"
metadata = MetaData(schema="simulator")

journal = Table(
    "journal",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("provider", Text, nullable=False),
    Column("act", Text, nullable=False),  # "mail", "meeting.create", "token" …
    Column("effect_id", Text, index=True),  # our own id, where the request carried it
    Column("recipient", Text),
    Column("status", Integer, nullable=False),  # the HTTP status it was answered with
    Column("facts", JSONB, nullable=False),
)
things = Table(
    "things",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # "meeting", "instance", "switch" …
    Column("id", Text, primary_key=True),
    Column("data", JSON, nullable=False),  # not JSONB, which forgets the order of the keys
    Column("created_at", Instant, nullable=False),
)
callbacks = Table(
    "callbacks",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("provider", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("headers", JSONB, nullable=False),  # those that stay the same at each try
    Column("due_at", Instant, nullable=False, index=True),  # once settled: when that was
    Column("tries", Integer, nullable=False, default=0),
    Column("state", Text, nullable=False, default="due"),  # due, delivered, given_up
    Column("answers", JSONB, nullable=False, default=list),  # one per try
)
_engine: Engine | None = None


def open_store() -> Engine:
    """The simulators' engine; makes their schema when it is missing or of an older layout."""
    global _engine
    if _engine is None:
        # Of three at most one is kept: each costs Postgres 3 MB, and most of the time none is used.
        options = engine_options(1, "ffapp simulators") | {"max_overflow": 2}
        options["json_serializer"] = json_text
        engine = create_engine(config.current().database_url, **options)
        with engine.begin() as connection:
            _make_schema(connection)
        _engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    return _engine


def close_store() -> None:
    """Forget the engine (tests open another database)."""
    global _engine
    if _engine is not None:
        _engine.dispose()
        _engine = None


def record(
    provider: str,
    act: str,
    *,
    status: int,
    effect_id: str | None = None,
    recipient: str | None = None,
    **facts: Any,
) -> None:
    """Write down one act; committed when this returns."""
    row = {"provider": provider, "act": act, "status": status}
    record_many([{**row, "effect_id": effect_id, "recipient": recipient, "facts": facts}])


def record_many(rows: list[dict[str, Any]]) -> None:
    """Write down many acts in one statement; each row has the columns of `journal` but `at`."""
    if rows:
        # One statement, so that a process killed meanwhile leaves all of them or none.
        with open_store().connect() as connection:
            connection.execute(
                text(
                    "INSERT INTO simulator.journal"
                    " (at, provider, act, status, effect_id, recipient, facts)"
                    " SELECT :at, provider, act, status, effect_id, recipient, facts"
                    " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (provider text,"
                    " act text, status int, effect_id text, recipient text, facts jsonb)"
                ),
                {"at": clock.now(), "rows": json_text(rows)},
            )


def put(provider: str, kind: str, key: str, data: dict[str, Any]) -> None:
    """Remember a thing, or replace it."""
    row = insert(things).values(
        provider=provider, kind=kind, id=key, data=data, created_at=clock.now()
    )
    with open_store().connect() as connection:
        connection.execute(
            row.on_conflict_do_update(
                index_elements=["provider", "kind", "id"], set_={"data": row.excluded.data}
            )
        )


def get(provider: str, kind: str, key: str) -> dict[str, Any] | None:
    """The thing's data, or None."""
    return get_many(provider, kind, [key]).get(key)


def get_many(provider: str, kind: str, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """The data of those of the things that exist, by key."""
    with open_store().connect() as connection:
        rows = connection.execute(
            select(things.c.id, things.c.data).where(
                things.c.provider == provider, things.c.kind == kind, things.c.id.in_(keys)
            )
        )
        return {row.id: row.data for row in rows}


def edit(
    provider: str, kind: str, key: str, change: Callable[[dict[str, Any]], Any]
) -> dict[str, Any] | None:
    """Let `change` alter the thing's data while its row is locked; answers the new data, or None.

    `change` must not touch the store itself: it would wait for a second connection.
    """
    row = and_(things.c.provider == provider, things.c.kind == kind, things.c.id == key)
    # On the connection: said of an engine, it would be overruled by AUTOCOMMIT of its parent.
    locking = open_store().connect().execution_options(isolation_level="READ COMMITTED")
    with locking as connection, connection.begin():
        data = connection.scalar(select(things.c.data).where(row).with_for_update())
        if data is not None:
            change(data)
            connection.execute(update(things).where(row).values(data=data))
    return data


def find(provider: str, kind: str, **equal: Any) -> list[dict[str, Any]]:
    """Things whose data holds each of `equal`, oldest first."""
    query = select(things.c.data).where(things.c.provider == provider, things.c.kind == kind)
    if equal:
        query = query.where(cast(things.c.data, JSONB).contains(equal))
    with open_store().connect() as connection:
        return list(connection.scalars(query.order_by(things.c.created_at, things.c.id)))


def remove(provider: str, kind: str, key: str) -> None:
    with open_store().connect() as connection:
        connection.execute(
            delete(things).where(
                things.c.provider == provider, things.c.kind == kind, things.c.id == key
            )
        )


def switch(provider: str, name: str, default: Any = None) -> Any:
    """What the control page has set `name` to."""
    found = get(provider, SWITCH, name)
    return default if found is None else found["value"]


def set_switch(provider: str, name: str, value: Any) -> None:
    """Set what `switch` answers; None switches it off."""
    if value is None:
        remove(provider, SWITCH, name)
    else:
        put(provider, SWITCH, name, {"value": value})


def switch_values() -> dict[str, dict[str, Any]]:
    """All switches that are on: provider → name → value."""
    values: dict[str, dict[str, Any]] = defaultdict(dict)
    with open_store().connect() as connection:
        for row in connection.execute(select(things).where(things.c.kind == SWITCH)):
            values[row.provider][row.id] = row.data["value"]
    return values


def count(provider: str, name: str) -> int:
    """Count one more; answers the count so far, from 1."""
    row = insert(things).values(
        provider=provider, kind="counter", id=name, data={"count": 1}, created_at=clock.now()
    )
    one_more = func.json_build_object("count", things.c.data["count"].as_integer() + 1)
    query = row.on_conflict_do_update(
        index_elements=["provider", "kind", "id"], set_={"data": one_more}
    ).returning(things.c.data["count"].as_integer())
    with open_store().connect() as connection:
        return int(connection.scalar(query) or 0)


def draw(what: str, low: float, high: float) -> float:
    """A number between the two, the same for the same `what` and SIMULATOR_SEED."""
    chance = random.Random(config.current().simulator_seed ^ zlib.crc32(what.encode()))
    return chance.uniform(low, high)


def delay(what: str, low_seconds: float, high_seconds: float) -> float:
    """Seconds between the two, the same for the same `what` and seed, scaled by SIMULATOR_SPEED."""
    return draw(what, low_seconds, high_seconds) * config.current().simulator_speed


def json_text(value: Any) -> str:
    """JSON that Postgres takes: without NUL and half letters, which it refuses."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return re.sub(r"(?<!\\)((?:\\\\)*)\\u0000", r"\1", text)


def _make_schema(connection: Any) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(7305)"))
    found = connection.scalar(
        text("SELECT obj_description(oid) FROM pg_namespace WHERE nspname = 'simulator'")
    )
    if found == f"layout {LAYOUT}":
        return
    connection.execute(text("DROP SCHEMA IF EXISTS simulator CASCADE"))
    connection.execute(text("CREATE SCHEMA simulator"))
    metadata.create_all(connection)
    connection.execute(text(f"COMMENT ON SCHEMA simulator IS 'layout {LAYOUT}'"))
