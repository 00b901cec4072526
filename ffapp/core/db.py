"""The database: the session, the base of all models, and `transaction()`."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

import psycopg
from flask_sqlalchemy import SQLAlchemy
from psycopg.errors import (
    DeadlockDetected,
    IdleInTransactionSessionTimeout,
    SerializationFailure,
)
from pydantic_core import from_json
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Engine,
    Identity,
    MetaData,
    TypeDecorator,
    any_,
    event,
    literal,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry
from sqlalchemy.orm.exc import StaleDataError

T = TypeVar("T")

# Postgres ends a transaction that stands still for so long, and with it the locks it holds.
STANDSTILL_SECONDS = 60
# And a statement that takes longer: nobody waits for a page that long. Other processes: 120.
STATEMENT_SECONDS = {"ffapp web": 20}

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """`timestamptz` that refuses a naive datetime and always reads back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored; give it a zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            int: BigInteger,
            datetime: Instant(),
            dict[str, Any]: JSONB,
            list[Any]: JSONB,
        },
    )


class Row:
    """The primary key that every table of the programme has."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)


class Versioned:
    """A row that people edit. `revision` counts the edits, so that two editors notice each other.

    Who saves an edit adds one. SQLAlchemy refuses to write over a revision that it has not read.
    """

    revision: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 (SQLAlchemy calls it on the class)
        return {"version_id_col": cls.revision, "version_id_generator": False}


class EditConflict(Exception):
    """Somebody else saved the same row after it was shown; nothing was changed."""


class FieldError(ValueError):
    """A rule refuses the value of a field: `field` is its name, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


db = SQLAlchemy(model_class=Base)


def transaction(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call `work(*args, **kwargs)` and commit; roll back when it raises.

    Raises EditConflict when somebody else saved a Versioned row since it was read. Work that
    Postgres stopped because of a deadlock is done again, at most twice, from the start; so `work`
    must not have effects outside the session.
    """
    for last in (False, False, True):
        try:
            result = work(*args, **kwargs)
            db.session.commit()
        except StaleDataError as error:
            db.session.rollback()
            raise EditConflict from error
        except OperationalError as error:
            db.session.rollback()
            if last or not isinstance(error.orig, DeadlockDetected | SerializationFailure):
                raise
        except BaseException:
            db.session.rollback()
            raise
        else:
            return result
    raise AssertionError("unreachable")


def is_among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """`column` is one of `values`. For hundreds of them: one array, where `in_` is a parameter for
    each and a statement to compile anew."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def lock_at(row: Any, revision: int) -> None:
    """Lock the row and read it again; raises EditConflict when it was saved after `revision`."""
    db.session.refresh(row, with_for_update={"of": type(row)})
    if row.revision != revision:
        raise EditConflict


class Cursor(psycopg.Cursor[Any]):
    """A cursor that lets Postgres end a transaction which stands still, also after `executemany`.

    Psycopg sends many statements in a pipeline with a flush behind it, and from then on the clock
    of idle_in_transaction_session_timeout stands still too: a process that is frozen at that moment
    would keep its locks for ever. The next answer starts the clock again.
    """

    def executemany(self, *args: Any, **options: Any) -> None:
        super().executemany(*args, **options)
        self.connection.execute("SELECT")


@event.listens_for(Engine, "handle_error")
def _name_what_passes(context: ExceptionContext) -> OperationalError | None:
    """An error like any other lost connection: Psycopg takes this one for a mistake of ours."""
    error = context.original_exception
    if isinstance(error, IdleInTransactionSessionTimeout):
        return OperationalError(None, None, error)
    return None


def engine_options(pool_size: int, application_name: str) -> dict[str, Any]:
    """Options for the engine: a bounded pool that notices a restarted database."""
    return {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": 10,
        "pool_pre_ping": True,
        "pool_recycle": 600,
        "json_deserializer": from_json,  # Pydantic's takes a fifth of the time of Python's
        # The values of a statement that failed are people's data; they have no place in a log.
        "hide_parameters": True,
        "connect_args": {
            "connect_timeout": 5,
            "cursor_factory": Cursor,
            "application_name": application_name,
            "options": "-c timezone=UTC"
            f" -c idle_in_transaction_session_timeout={STANDSTILL_SECONDS}s"
            f" -c statement_timeout={STATEMENT_SECONDS.get(application_name, 120)}s"
            # A host that vanishes says no goodbye; the locks of its sessions go with them.
            " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
        },
    }
