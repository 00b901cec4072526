"""One-time codes by which a guardian confirms an answer: sent to an address that is theirs."""

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import func, select, update

from ffapp.core import clock, signing
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.people.models import Guardian, GuardianCode

WORKS = timedelta(minutes=30)
MOST_TRIES = 5
MOST_IN_AN_HOUR = 5
NOT_AGAIN_WITHIN = timedelta(seconds=60)


class TooManyCodes(Exception):
    """Enough codes were sent for now: a stranger must not flood somebody's mailbox."""


def channels_of(guardian: Guardian) -> dict[str, str]:
    """Channel → the address to which a code can go."""
    found = {"email": guardian.email, "whatsapp": guardian.phone}
    return {channel: address for channel, address in found.items() if address}


def request_code(guardian: Guardian, channel: str, said: Mapping[str, bool]) -> None:
    """Send a code for these answers; earlier codes stop working. Raises TooManyCodes.

    Within a minute of the last one for the same answers that one stays. Other answers need another
    code: nobody may confirm what they have not read.
    """
    db.session.refresh(guardian, with_for_update={"of": Guardian})
    now, address = clock.now(), channels_of(guardian)[channel]
    newest = newest_code(guardian)
    is_same = newest and newest.sent_to == address and newest.said == dict(said)
    if newest and is_same and usable(newest) and _is_recent(newest):
        return
    made = GuardianCode.created_at > now - timedelta(hours=1)
    count = select(func.count()).where(GuardianCode.guardian_id == guardian.id, made)
    if (db.session.scalar(count) or 0) >= MOST_IN_AN_HOUR:
        raise TooManyCodes
    _end_codes(guardian)
    code = GuardianCode(
        guardian=guardian,
        code=signing.encrypt(f"{secrets.randbelow(10**6):06}"),
        said=dict(said),
        sent_to=address,
        created_at=now,
    )
    db.session.add(code)
    db.session.flush()
    record(
        "guardian_code_requested",
        by=guardian.name,
        on=guardian.student,
        guardian=guardian.name,
        guardian_id=guardian.id,
        code_id=code.id,
        channel=channel,
    )


def newest_code(guardian: Guardian) -> GuardianCode | None:
    return db.session.scalar(
        select(GuardianCode)
        .where(GuardianCode.guardian_id == guardian.id)
        .order_by(GuardianCode.id.desc())
        .limit(1)
    )


def usable(code: GuardianCode) -> bool:
    """Whether the code still works."""
    is_new = clock.now() < code.created_at + WORKS
    return code.used_at is None and code.tries < MOST_TRIES and is_new


def use_code(guardian: Guardian, typed: str) -> GuardianCode | None:
    """The code, used up; None for a wrong or old one. The caller commits, also a wrong try."""
    db.session.refresh(guardian, with_for_update={"of": Guardian})
    code = newest_code(guardian)
    if code is None or not usable(code):
        return None
    code.tries += 1
    digits = "".join(each for each in typed if each.isascii() and each.isdigit())
    if not hmac.compare_digest(signing.decrypt(code.code), digits):
        return None
    code.used_at = clock.now()
    return code


def _is_recent(code: GuardianCode) -> bool:
    return clock.now() < code.created_at + NOT_AGAIN_WITHIN


def _end_codes(guardian: Guardian) -> None:
    db.session.execute(
        update(GuardianCode)
        .where(GuardianCode.guardian_id == guardian.id, GuardianCode.used_at.is_(None))
        .values(used_at=clock.now())
    )
