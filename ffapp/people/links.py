"""Links that set a password: signed, single use, expiring; opened by GET, consumed by POST."""

from datetime import timedelta

from sqlalchemy import func, select, update

from ffapp.core import clock, config, signing
from ffapp.core.db import db
from ffapp.core.i18n import gettext
from ffapp.people.models import AccessLink, Person

LIVES = {"invitation": timedelta(days=7), "reset": timedelta(hours=2)}
WEEK_SECONDS = 7 * 24 * 3600


class LinkNotUsable(ValueError):
    """The link cannot be used (any more); the message says why and what to do."""


def make_link(person: Person, purpose: str) -> AccessLink:
    """A new link of that purpose; older ones of the same purpose stop working."""
    now = clock.now()
    db.session.execute(
        update(AccessLink)
        .where(
            AccessLink.person_id == person.id,
            AccessLink.purpose == purpose,
            AccessLink.used_at.is_(None),
            AccessLink.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    link = AccessLink(
        person=person, purpose=purpose, created_at=now, expires_at=now + LIVES[purpose]
    )
    db.session.add(link)
    db.session.flush()
    return link


def was_just_made(person: Person, purpose: str) -> bool:
    """Whether such a link was made within the last minute."""
    newest = db.session.scalar(
        select(func.max(AccessLink.created_at)).where(
            AccessLink.person_id == person.id, AccessLink.purpose == purpose
        )
    )
    return newest is not None and newest > clock.now() - timedelta(minutes=1)


def url_of(link: AccessLink) -> str:
    """The address to send; made anew each time, so that it never lies in a table."""
    return f"{config.current().public_url}/links/{signing.sign('access-link', str(link.id))}"


def open_link(token: str) -> AccessLink:
    """The usable link behind a token; raises LinkNotUsable."""
    try:
        link_id = int(signing.unsign("access-link", token, 4 * WEEK_SECONDS))
    except signing.BadLink as error:
        raise LinkNotUsable(
            gettext("This link is not complete. Open it from the e-mail again, or copy all of it.")
        ) from error
    link = db.session.scalar(
        select(AccessLink).where(AccessLink.id == link_id).with_for_update(of=AccessLink)
    )
    if link is not None and link.person.user.disabled_at is not None:
        raise LinkNotUsable(gettext("This account is disabled. Ask Future Founders about it."))
    if link is None or link.withdrawn_at is not None:
        raise LinkNotUsable(gettext("A newer link was sent to you. Use the newest e-mail."))
    if link.used_at is not None:
        raise LinkNotUsable(gettext("This link was used already. Sign in, or ask for a new one."))
    if link.expires_at <= clock.now():
        raise LinkNotUsable(gettext("This link is too old. Ask for a new one."))
    return link


def withdraw_links(person: Person) -> set[str]:
    """Make all links of a person useless; answers what they were for."""
    return set(
        db.session.scalars(
            update(AccessLink)
            .where(
                AccessLink.person_id == person.id,
                AccessLink.used_at.is_(None),
                AccessLink.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=clock.now())
            .returning(AccessLink.purpose)
        )
    )
