"""One access token of a provider for all processes, renewed by one of them at a time.

A token that is still good is used by everybody while one process fetches the next ahead of time.
Without a good one, the process that took the lease fetches and the others wait for it. A lease
lasts ten seconds, so that a process that dies with it blocks nobody for long.

Everything here is wall time: a token expires on the provider's clock, not on the programme's. What
concerns the lease itself is the database's wall time, read when the row is held: a process that had
to wait for the row, or whose own clock is wrong, must not take a lease that has run out already.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy import DateTime, Text, UniqueConstraint, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock, config, signing
from ffapp.core.db import Row, db
from ffapp.core.outcomes import ProviderError, Unavailable
from ffapp.providers.kit.deadline import within

log = structlog.get_logger()

LEASE_SECONDS = 10
LEEWAY_SECONDS = 120  # how long before its end a token is renewed, at most a tenth of its life
PAUSE_SECONDS = 5  # after a renewal ahead of time failed, before somebody tries again
POLL_SECONDS = 0.05


class ProviderToken(Row, db.Model):
    """The token of one account at one provider, encrypted, and who is renewing it."""

    __tablename__ = "provider_tokens"
    __table_args__ = (UniqueConstraint("provider", "account"),)

    provider: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    token: Mapped[str | None] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text, default="")
    fetched_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class Token:
    """An access token; `scope` is what the provider said it may do, separated by spaces."""

    text: str = field(repr=False)
    fetched_at: datetime
    expires_at: datetime
    scope: str = ""

    @property
    def valid(self) -> bool:
        return clock.wall() < self.expires_at

    @property
    def fresh(self) -> bool:
        """Whether it is not yet time to fetch the next one."""
        life = self.expires_at - self.fetched_at
        leeway = min(timedelta(seconds=LEEWAY_SECONDS), life / 10)
        return clock.wall() < self.expires_at - leeway


@dataclass(frozen=True)
class _Stored:
    cipher: str | None = None
    token: Token | None = None


_rows = ProviderToken.__table__
_now = func.clock_timestamp(type_=DateTime(timezone=True))


class TokenLease:
    """The shared token of `account` at `provider`.

    `fetch` asks the provider for a new token; it may raise any ProviderError. It is called with no
    transaction of this class open, by one process at a time. Needs an app context.
    """

    def __init__(self, provider: str, account: str, fetch: Callable[[], Token]) -> None:
        self.provider = provider
        self.account = account
        self.fetch = fetch
        self._mine = and_(_rows.c.provider == provider, _rows.c.account == account)

    def token(self) -> Token:
        """A token that has not expired, fetched when there is none or when it is time.

        Raises what `fetch` raises, or Unavailable when another process has been fetching for
        longer than one call to a provider may take.
        """
        ends = time.monotonic() + config.current().provider_deadline_seconds
        while True:
            stored = self._read()
            if stored.token is not None and stored.token.fresh:
                return stored.token
            lease = self._take(stored)
            if lease is not None:
                return self._renew(lease, stored)
            if stored.token is not None and stored.token.valid:
                return stored.token
            if time.monotonic() >= ends:
                raise Unavailable("Another process is still asking for the access token.")
            time.sleep(POLL_SECONDS)

    def invalidate(self, token: Token) -> None:
        """Forget `token`, which the provider refused; a newer one that is stored by now stays."""
        stored = self._read()
        if stored.token is None or stored.token.text != token.text:
            return
        with db.engine.begin() as connection:
            connection.execute(
                update(_rows)
                .where(self._mine, _rows.c.token == stored.cipher)
                .values(token=None, fetched_at=None, expires_at=None)
            )

    def _read(self) -> _Stored:
        with db.engine.begin() as connection:
            row = connection.execute(select(_rows).where(self._mine)).one_or_none()
        if row is None or row.token is None:
            return _Stored()
        try:
            text = signing.decrypt(row.token)
        except signing.BadLink:  # SECRET_KEY was changed: as good as no token
            return _Stored(row.token)
        return _Stored(row.token, Token(text, row.fetched_at, row.expires_at, row.scope))

    def _take(self, stored: _Stored) -> str | None:
        """The name of our lease, or None while another holds it or has renewed meanwhile."""
        lease = f"{os.getpid()}:{uuid4().hex}"
        mine = {"leased_by": lease, "leased_until": _now + timedelta(seconds=LEASE_SECONDS)}
        row = insert(_rows).values(provider=self.provider, account=self.account, scope="", **mine)
        with db.engine.begin() as connection:
            taken = connection.scalar(
                row.on_conflict_do_update(
                    index_elements=["provider", "account"],
                    set_=mine,
                    where=and_(
                        _rows.c.token.is_not_distinct_from(stored.cipher),
                        or_(_rows.c.leased_until.is_(None), _rows.c.leased_until < _now),
                    ),
                ).returning(_rows.c.id)
            )
        return lease if taken is not None else None

    def _renew(self, lease: str, stored: _Stored) -> Token:
        try:
            with within(LEASE_SECONDS - 1):
                token = self.fetch()
        except ProviderError as error:
            if stored.token is None or not stored.token.valid:
                self._release(lease, timedelta(0))
                raise
            log.warning("token.not_renewed", provider=self.provider, reason=error.reason)
            self._release(lease, timedelta(seconds=PAUSE_SECONDS))
            return stored.token
        except BaseException:
            self._release(lease, timedelta(0))
            raise
        self._write(
            lease,
            token=signing.encrypt(token.text),
            scope=token.scope,
            fetched_at=token.fetched_at,
            expires_at=token.expires_at,
            leased_until=None,
        )
        return token

    def _release(self, lease: str, pause: timedelta) -> None:
        self._write(lease, leased_until=_now + pause)

    def _write(self, lease: str, **values: object) -> None:
        with db.engine.begin() as connection:
            # A lease that ran out belongs to somebody else, whose token must not be overwritten.
            connection.execute(
                update(_rows).where(self._mine, _rows.c.leased_by == lease).values(**values)
            )
