"""The second factor of signing in: a code of an authenticator app, a passkey, a recovery code."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint, delete, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock, config, signing
from ffapp.core.db import Row, db
from ffapp.core.events import record
from ffapp.people.models import User
from ffapp.people.passkeys import Passkey

RECOVERY_CODES = 10
STEP_SECONDS = 30
# Without letters and digits that look alike.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Totp(Row, db.Model):
    """The secret of an authenticator app, encrypted. No code works twice: `last_step` is the period
    of the last one."""

    __tablename__ = "totp_secrets"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Row, db.Model):
    """Works once, in place of another factor. Only its digest is stored."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "digest"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(Text)
    used_at: Mapped[datetime | None]


def has_factor(user: User) -> bool:
    """Whether a second factor is asked for when the user signs in."""
    mine = (exists().where(each.user_id == user.id) for each in (Totp, Passkey))
    return bool(db.session.scalar(select(or_(*mine))))


def has_app(user: User) -> bool:
    return bool(db.session.scalar(select(exists().where(Totp.user_id == user.id))))


def new_secret() -> str:
    """A secret to put into an authenticator app."""
    import pyotp

    return pyotp.random_base32()


def totp_uri(user: User, secret: str) -> str:
    """What an authenticator app reads from the square code."""
    import pyotp

    name = config.current().programme_name
    return pyotp.TOTP(secret).provisioning_uri(name=user.person.email, issuer_name=name)


def add_app(user: User, secret: str, code: str) -> bool:
    """Let the app count that shows this code; False when the code is wrong."""
    row = Totp(user_id=user.id, secret=signing.encrypt(secret), last_step=0, added_at=clock.now())
    if has_app(user) or not _is_right(row, code):
        return False
    db.session.add(row)
    record("factor_added", by=user.person, on=user.person, factor="totp")
    return True


def check_code(user: User, code: str) -> str | None:
    """Which factor this code is: `totp`, `recovery`, or None when it is wrong."""
    row = _locked(user)
    if row is not None and _is_right(row, code):
        return "totp"
    used = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.digest == _digest(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    if used.rowcount:  # type: ignore[attr-defined]
        record("recovery_code_used", by=user.person, on=user.person)
        return "recovery"
    return None


def remove_app(user: User) -> None:
    if db.session.execute(delete(Totp).where(Totp.user_id == user.id)).rowcount:  # type: ignore[attr-defined]
        record("factor_removed", by=user.person, on=user.person, factor="totp")


def make_recovery_codes(user: User) -> list[str]:
    """New codes, shown once; the old ones stop working."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, digest=_digest(each)) for each in codes)
    record("recovery_codes_made", by=user.person, on=user.person)
    return ["-".join((each[:4], each[4:8], each[8:])) for each in codes]


def recovery_codes_left(user: User) -> int:
    return (
        db.session.scalar(
            select(func.count(RecoveryCode.id)).where(
                RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
            )
        )
        or 0
    )


def reset_factors(user: User, by: object) -> None:
    """Remove all factors of somebody who has lost them; they set up new ones."""
    for model in (Totp, Passkey, RecoveryCode):
        db.session.execute(delete(model).where(model.user_id == user.id))
    record("factors_reset", by=by, on=user.person)


def _locked(user: User) -> Totp | None:
    return db.session.scalar(select(Totp).where(Totp.user_id == user.id).with_for_update())


def _is_right(row: Totp, code: str) -> bool:
    """Whether it is the code of this period, or of the one before or after, and a new one."""
    import pyotp

    typed = "".join(each for each in code if each.isascii() and each.isdigit())
    try:
        secret = signing.decrypt(row.secret)
    except signing.BadLink:
        return False  # sealed with a key that is gone: recovery codes still count
    totp, now = pyotp.TOTP(secret), clock.wall()
    current = int(now.timestamp()) // STEP_SECONDS
    for step in (current - 1, current, current + 1):
        if step > row.last_step and hmac.compare_digest(totp.at(step * STEP_SECONDS), typed):
            row.last_step = step
            row.secret = signing.encrypt(secret)  # with the newest key
            return True
    return False


def _digest(code: str) -> str:
    plain = "".join(each for each in code.lower() if each.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()
