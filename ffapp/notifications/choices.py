"""What people have chosen to be told, and on which channel. News of a class always comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ffapp.core import clock
from ffapp.core.db import db, is_among
from ffapp.core.events import record
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.notifications.models import NotificationChoice
from ffapp.people.models import Person

CHANNELS = {"email": _("E-mail"), "whatsapp": "WhatsApp", "bell": _("Bell")}


@dataclass(frozen=True)
class Kind:
    """Notices that are chosen together. `always`: nobody can switch them off."""

    label: Any
    about: Any
    always: bool = False


KINDS = {
    "class_changes": Kind(
        _("News of classes"), _("scheduled, moved, renamed, cancelled"), always=True
    ),
    "class_reminders": Kind(_("Reminders"), _("a day and 15 minutes before a class")),
    "recordings": Kind(_("Recordings"), _("when one is ready")),
}
_kind_of: dict[str, str] = {}


def register(kinds: Mapping[str, str]) -> None:
    """Notice → the kind that it is chosen by; what has none is always told."""
    _kind_of.update(kinds)


class AlwaysTold(ValueError):
    """This kind of notice cannot be switched off."""


def choose(person: Person, kind: str, channel: str, wanted: bool) -> None:
    """Write down the choice; choosing the same again changes nothing. Raises AlwaysTold."""
    if KINDS[kind].always and not wanted:
        raise AlwaysTold(f"{KINDS[kind].label}: this is always told.")
    if (person.id not in declined(kind, channel, [person.id])) is wanted:
        return
    row = insert(NotificationChoice).values(
        person_id=person.id, kind=kind, channel=channel, wanted=wanted, changed_at=clock.now()
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["person_id", "kind", "channel"],
            set_={"wanted": wanted, "changed_at": clock.now()},
        )
    )
    record(
        "notification_choice_changed",
        by=person,
        on=person,
        kind=kind,
        channel=channel,
        wanted=wanted,
    )


def declined(kind: str, channel: str, people: Sequence[int]) -> set[int]:
    """Those of `people` who do not want this kind on this channel."""
    return set(
        db.session.scalars(
            select(NotificationChoice.person_id).where(
                is_among(NotificationChoice.person_id, people),
                NotificationChoice.kind == kind,
                NotificationChoice.channel == channel,
                NotificationChoice.wanted.is_(False),
            )
        )
    )


def declined_by(person: Person) -> set[tuple[str, str]]:
    """(kind, channel) pairs that the person does not want."""
    return {
        (row.kind, row.channel)
        for row in db.session.execute(
            select(NotificationChoice.kind, NotificationChoice.channel).where(
                NotificationChoice.person_id == person.id, NotificationChoice.wanted.is_(False)
            )
        )
    }


def not_wanted(effects: Sequence[Effect]) -> dict[int, str]:
    """The gate's question: which of these the person has switched off on that channel."""
    chosen = [each for each in effects if each.rule in _kind_of and each.person_id is not None]
    rows = db.session.execute(
        select(
            NotificationChoice.person_id, NotificationChoice.kind, NotificationChoice.channel
        ).where(
            is_among(NotificationChoice.person_id, {each.person_id for each in chosen}),
            NotificationChoice.wanted.is_(False),
        )
    )
    silent = {tuple(row) for row in rows}
    return {
        each.id: f"They chose not to get this by {CHANNELS.get(each.kind, each.kind)}."
        for each in chosen
        if (each.person_id, _kind_of[each.rule], each.kind) in silent
    }
