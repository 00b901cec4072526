"""A guardian's own link: signed, long-lived, and ended by a newer one.

It shows what the guardian has said, and lets them answer after a one-time code.
"""

from datetime import timedelta

from sqlalchemy import select

from ffapp.core import config, signing
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.core.i18n import gettext
from ffapp.people.links import LinkNotUsable
from ffapp.people.models import Guardian, Person

PURPOSE = "guardian-link"
LIVES_SECONDS = int(timedelta(days=5 * 365).total_seconds())


def url_of(guardian: Guardian) -> str:
    """The address to send; made anew each time, so that it never lies in a table."""
    token = signing.sign(PURPOSE, f"{guardian.id}.{guardian.link_epoch}")
    return f"{config.current().public_url}/guardian/{token}"


def open_link(token: str) -> Guardian:
    """The guardian behind a token; raises LinkNotUsable."""
    try:
        guardian_id, _, epoch = signing.unsign(PURPOSE, token, LIVES_SECONDS).partition(".")
    except signing.BadLink as error:
        raise LinkNotUsable(
            gettext("This link is not complete. Open it from the message again, or copy all of it.")
        ) from error
    guardian = db.session.scalar(select(Guardian).where(Guardian.id == int(guardian_id)))
    if guardian is None or str(guardian.link_epoch) != epoch:
        raise LinkNotUsable(
            gettext("This link was ended. Open the newest message, or ask Future Founders for one.")
        )
    return guardian


def revoke_links(guardian: Guardian, by: Person) -> None:
    """End every link of the guardian; what they have said stays."""
    guardian.link_epoch += 1
    record("guardian_links_revoked", by=by, on=guardian.student, guardian=guardian.name)
