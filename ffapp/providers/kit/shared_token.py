"""One access token of a provider for all processes, renewed by one of them at a time.

Without a good one, the process that has the lock fetches and the others wait for it. The lock is
Postgres' own (advisory, of the session): it goes when its holder dies.

Everything here is wall time: a token expires on the provider's clock, not on the programme's.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Text, UniqueConstraint, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock, config, signing
from ffapp.core.db import Row, db
from ffapp.core.outcomes import Unavailable
from ffapp.providers.kit.deadline import within

FETCH_SECONDS = 9
LEEWAY = timedelta(seconds=60)
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
    def is_good(self) -> bool:
        """Whether it lives long enough for a call that begins now."""
        leeway = min(LEEWAY, (self.expires_at - self.fetched_at) / 10)
        return clock.wall() < self.expires_at - leeway


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
        self._key = func.hashtextextended(f"{provider} token {account}", 0)

    def get(self) -> Token:
        """A token that is good for a while, fetched when there is none.

        Raises what `fetch` raises, or Unavailable when another process has been fetching for
        longer than one call to a provider may take.
        """
        ends = time.monotonic() + config.current().provider_deadline_seconds
        while True:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                stored = self._read(connection)
                if stored:
                    return stored
                if connection.scalar(select(func.pg_try_advisory_lock(self._key))):
                    try:
                        return self._read(connection) or self._renew(connection)
                    finally:
                        connection.scalar(select(func.pg_advisory_unlock(self._key)))
            if time.monotonic() >= ends:
                raise Unavailable("Another process is still asking for the access token.")
            time.sleep(POLL_SECONDS)

    def forget(self, token: Token) -> None:
        """Forget `token`, which the provider refused; a newer one that is stored by now stays."""
        known = and_(self._own, _rows.c.fetched_at == token.fetched_at)
        with db.engine.begin() as connection:
            connection.execute(update(_rows).where(known).values(token=None))

    def _read(self, connection: Connection) -> Token | None:
        """The stored token, when it is good."""
        row = connection.execute(select(_rows).where(self._own)).one_or_none()
        if row is None or row.token is None:
            return None
        try:
            text = signing.decrypt(row.token)
        except signing.BadLink:  # SECRET_KEY was changed: as good as no token
            return None
        token = Token(text, row.fetched_at, row.expires_at, row.scope)
        return token if token.is_good else None

    def _renew(self, connection: Connection) -> Token:
        with within(FETCH_SECONDS):
            token = self.fetch()
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
