"""Whether a person can sign in: active, invited, or still to be invited."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, exists, select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.models import AccessLink, User


class AccountStatus(StrEnum):
    DISABLED = "disabled"  # an admin has disabled them
    ACTIVE = "active"  # has a password
    INVITED = "invited"  # has a link that works
    EXPIRED = "expired"  # has a link that is too old
    NOT_INVITED = "not_invited"


def account_status() -> ColumnElement[str]:
    """The status of the `User` of a query, in SQL."""
    unused = and_(
        AccessLink.person_id == User.person_id,
        AccessLink.purpose == "invitation",
        AccessLink.used_at.is_(None),
        AccessLink.withdrawn_at.is_(None),
    )
    works = exists().where(unused, AccessLink.expires_at > clock.now())
    return case(
        (User.disabled_at.is_not(None), AccountStatus.DISABLED),
        (User.password_hash.is_not(None), AccountStatus.ACTIVE),
        (works, AccountStatus.INVITED),
        (exists().where(unused), AccountStatus.EXPIRED),
        else_=AccountStatus.NOT_INVITED,
    )


def account_statuses(person_ids: Sequence[int]) -> dict[int, str]:
    """Person id → standing, in one query."""
    rows = select(User.person_id, account_status()).where(User.person_id.in_(person_ids))
    return dict(db.session.execute(rows).all())  # type: ignore[arg-type]


def newest_invitation(person_id: int) -> AccessLink | None:
    """The last invitation that was made for the person, whatever became of it."""
    return db.session.scalar(
        select(AccessLink)
        .where(AccessLink.person_id == person_id, AccessLink.purpose == "invitation")
        .order_by(AccessLink.id.desc())
        .limit(1)
    )
