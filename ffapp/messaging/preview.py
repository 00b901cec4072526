"""A text as a real student would get it, saved or not; nothing is sent and nothing is written."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from ffapp.core.db import db
from ffapp.ledger.models import Effect
from ffapp.messaging import compose, wording
from ffapp.messaging.compose import Notice, Sheet
from ffapp.messaging.models import TemplateDraft
from ffapp.messaging.whatsapp import Chat, compose_chat
from ffapp.people.models import Person, Role, User
from ffapp.providers.aisensy.campaigns import Campaign

SHOWN = 1000


def previewable_people() -> Sequence[Person]:
    """Students to preview a message as, by name."""
    return db.session.scalars(_students().limit(SHOWN)).all()


def student_to_preview(chosen: int | None) -> Person | None:
    """The one who was chosen, else the first by name; None where nobody is known yet."""
    mine = db.session.scalar(_students().where(Person.id == chosen)) if chosen else None
    return mine or db.session.scalar(_students().limit(1))


def _students() -> Select[tuple[Person]]:
    return (
        select(Person)
        .join(User, User.person_id == Person.id)
        .where(User.role == Role.STUDENT)
        .order_by(Person.name, Person.id)
    )


def preview(notice: Notice, person: Person | None, draft: TemplateDraft | None) -> Sheet | None:
    """The filled sheet; None where nobody is known yet to preview it as, or the draft is wrong."""
    if person is None:
        return None
    effect = notice.example(person)
    if effect is None:
        return None
    if draft is None:
        sheet = compose.compose(notice, effect)
    elif wording.problems(draft.subject, draft.body, notice.variables):
        return None
    else:
        sheet = compose.compose_draft(notice, effect, draft.subject, draft.body)
    return compose.fill(sheet, _words(notice, effect, person))


def preview_chat(notice: Notice, person: Person | None, campaign: Campaign) -> Chat | None:
    """The same of a text for WhatsApp, which must have been checked (`chat_wording.problems`)."""
    effect = notice.example(person) if person else None
    if person is None or effect is None:
        return None
    return compose_chat(notice, effect, _words(notice, effect, person), campaign)


def _words(notice: Notice, effect: Effect, person: Person) -> dict[str, Any]:
    """The person's own words; what is secret is not made for a preview."""
    if notice.secret:
        return {"first_name": person.first_name, **dict.fromkeys(notice.secret, "•••")}
    return compose.words_of(notice, [effect], {person.id: person})[effect.id]
