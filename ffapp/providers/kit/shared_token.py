"""One access token of a provider for all processes, renewed by one of them at a time.

A token that is still good is used by everybody while one process fetches the next ahead of time.
Without a good one, the process that has the lock fetches and the others wait for it. The lock is
Postgres' own (advisory, of the session): it goes when its holder dies or hangs.

Everything here is wall time: a token expires on the provider's clock, not on the programme's.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Text, UniqueConstraint, and_, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock, config, signing
from ffapp.core.db import Row, db
from ffapp.core.outcomes import ProviderError, Unavailable
from ffapp.providers.kit.deadline import within

log = structlog.get_logger()

FETCH_SECONDS = 9
HANGING_SECONDS = 12  # after these Postgres ends the session that holds the lock and does nothing
LEEWAY = timedelta(seconds=120)  # how long before its end a token is renewed
POLL_SECONDS = 0.05


class ProviderToken(Row, db.Model):
    """The token of one account at one provider, encrypted."""

    __tablename__ = "provider_tokens"
    __table_args__ = (UniqueConstraint("provider", "account"),)

    provider: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    token: Mapped[str | None] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text, default="")
    fetched_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Token:
    """An access token; `scope` is what the provider said it may do, separated by spaces."""

    text: str = field(repr=False)
    fetched_at: datetime
    expires_at: datetime
    scope: str = ""

    @property
    def is_valid(self) -> bool:
        return clock.wall() < self.expires_at

    @property
    def is_fresh(self) -> bool:
        """Whether it is not yet time to fetch the next one."""
        return clock.wall() < self.expires_at - LEEWAY


_rows = ProviderToken.__table__


class SharedToken:
    """The shared token of `account` at `provider`.

    `fetch` asks the provider for a new token; it may raise any ProviderError. It is called with no
    transaction of this class open, by one process at a time. Needs an app context.
    """

    def __init__(self, provider: str, account: str, fetch: Callable[[], Token]) -> None:
        self.provider = provider
        self.account = account
        self.fetch = fetch
        self._own = and_(_rows.c.provider == provider, _rows.c.account == account)

    def get(self) -> Token:
        """A token that has not expired, fetched when there is none or when it is time.

        Raises what `fetch` raises, or Unavailable when another process has been fetching for
        longer than one call to a provider may take.
        """
        ends = time.monotonic() + config.current().provider_deadline_seconds
        while True:
            with db.engine.begin() as reading:
                stored = self._read(reading)
            if stored and stored.is_fresh:
                return stored
            with self._lock() as connection:
                if connection is not None:
                    return self._renew(connection)
            if stored and stored.is_valid:
                return stored
            if time.monotonic() >= ends:
                raise Unavailable("Another process is still asking for the access token.")
            time.sleep(POLL_SECONDS)

    def forget(self, token: Token) -> None:
        """Forget `token`, which the provider refused; a newer one that is stored by now stays."""
        known = and_(self._own, _rows.c.fetched_at == token.fetched_at)
        with db.engine.begin() as connection:
            connection.execute(update(_rows).where(known).values(token=None))

    def _read(self, connection: Connection) -> Token | None:
        row = connection.execute(select(_rows).where(self._own)).one_or_none()
        if row is None or row.token is None:
            return None
        try:
            return Token(signing.decrypt(row.token), row.fetched_at, row.expires_at, row.scope)
        except signing.BadLink:  # SECRET_KEY was changed: as good as no token
            return None

    @contextmanager
    def _lock(self) -> Iterator[Connection | None]:
        """The connection by which we alone may fetch while the block runs; None when others do."""
        key = func.hashtextextended(f"{self.provider} token {self.account}", 0)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            is_ours = bool(connection.scalar(select(func.pg_try_advisory_lock(key))))
            if is_ours:
                _set_idle_timeout(connection, f"'{HANGING_SECONDS}s'")
            try:
                yield connection if is_ours else None
            finally:
                if is_ours and not connection.invalidated:
                    connection.scalar(select(func.pg_advisory_unlock(key)))
                    _set_idle_timeout(connection, "DEFAULT")

    def _renew(self, connection: Connection) -> Token:
        stored = self._read(connection)
        if stored and stored.is_fresh:  # somebody else was quicker
            return stored
        try:
            with within(FETCH_SECONDS):
                token = self.fetch()
        except ProviderError as error:
            if stored is None or not stored.is_valid:
                raise
            log.warning("token.not_renewed", provider=self.provider, reason=error.reason)
            return stored
        values = {
            "token": signing.encrypt(token.text),
            "scope": token.scope,
            "fetched_at": token.fetched_at,
            "expires_at": token.expires_at,
        }
        row = insert(_rows).values(provider=self.provider, account=self.account, **values)
        connection.execute(
            row.on_conflict_do_update(index_elements=["provider", "account"], set_=values)
        )
        return token


def _set_idle_timeout(connection: Connection, value: str) -> None:
    connection.execute(text(f"SET idle_session_timeout = {value}"))
