"""What the educator decides on the Settings page; the environment says what it is until then.

`config.current()` answers with these values in place of the environment's. They are read again at
the start of a request or a job, at most every few seconds, so a change reaches all processes.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from datetime import time as time_of_day
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock, config
from ffapp.core.db import EditConflict, Row, Versioned, db
from ffapp.core.events import diff, record

RELOAD_SECONDS = 5.0

log = structlog.get_logger()


class EducatorSettings(Row, Versioned, db.Model):
    """The one row of stored values: field → value as JSON. A field that is missing is unchanged."""

    __tablename__ = "educator_settings"

    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changed_at: Mapped[datetime]


class _Cache:
    """The stored values of this process, and when they were read last."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: Mapping[str, Any] = {}
        self.read_at = float("-inf")


_cache = _Cache()


def stored_row() -> EducatorSettings | None:
    """The row, or None where nobody has decided anything yet."""
    return db.session.scalar(select(EducatorSettings))


def save(values: Mapping[str, Any], revision: int, by: Any) -> dict[str, list[Any]]:
    """Store the decisions that were made at `revision`; answers field → [before, after].

    `values` are checked already. Raises EditConflict when somebody saved first.
    """
    row = db.session.scalar(select(EducatorSettings).with_for_update())
    if (row.revision if row else 0) != revision:
        raise EditConflict
    changed = diff(values_of(row, values), values)
    if not changed:
        return {}
    if row is None:
        row = EducatorSettings(values={}, revision=0, changed_at=clock.now())
        db.session.add(row)
    row.revision += 1
    row.values = {**row.values, **{name: new for name, (_, new) in changed.items()}}
    row.changed_at = clock.now()
    record("settings_changed", by=by, on=row, changed=changed)
    return changed


def values_of(row: EducatorSettings | None, names: Iterable[str]) -> dict[str, Any]:
    """Each field's value as JSON: the stored one, else that of the environment.

    A name is a field of `config.Settings`, or `provider.field`.
    """
    stored = row.values if row else {}
    defaults = {name: to_json(_read(config.environment(), name)) for name in names}
    return {name: stored.get(name, default) for name, default in defaults.items()}


def refresh() -> None:
    """Read the stored values again if that was not done lately; without a database, keep them."""
    now = time.monotonic()
    with _cache.lock:
        if now - _cache.read_at < RELOAD_SECONDS:
            return
        _cache.read_at = now
    try:
        row = stored_row()
        values = {name: _from_json(value) for name, value in (row.values if row else {}).items()}
        db.session.rollback()
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("settings.not_read", error=type(error).__name__)
        return
    if values != _cache.values:
        _cache.values = values
        config.override(values)


def forget() -> None:
    """Read the stored values at the next `refresh()`, however lately they were read."""
    _cache.read_at = float("-inf")


def _read(settings: config.Settings, name: str) -> Any:
    part, _, field = name.rpartition(".")
    return getattr(settings.providers[part] if part else settings, field)


def to_json(value: Any) -> Any:
    """A value as it is stored: hours become two texts such as 21:00."""
    if isinstance(value, tuple):
        return [f"{each:%H:%M}" for each in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(time_of_day.fromisoformat(each) for each in value)
    return value
