"""A text as a real student would get it, saved or not; nothing is sent and nothing is written."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from ffapp.core.db import db
from ffapp.core.i18n import language
from ffapp.messaging import compose
from ffapp.messaging.compose import Sheet
from ffapp.messaging.notice import Notice, Wording
from ffapp.messaging.whatsapp import Chat, compose_chat
from ffapp.people.models import Person, Role, User

SHOWN = 1000


def previewable_people() -> Sequence[Person]:
    """Students to preview a message as, by name."""
    return db.session.scalars(_students().limit(SHOWN)).all()


def student_to_preview(chosen: int | None) -> Person | None:
    """The one who was chosen, else the first by name; None where nobody is known yet."""
    mine = db.session.scalar(_students().where(Person.id == chosen)) if chosen else None
    return mine or db.session.scalar(_students().limit(1))


def preview(notice: Notice, person: Person | None, wording: Wording | None) -> Sheet | None:
    """The filled sheet of a text, else of that in force, in the person's language.

    None where there is no student or class yet to preview it with, or the text has problems.
    """
    example = notice.topic.example(notice.name, person) if person else None
    if person is None or example is None or (wording and compose.problems(notice, wording)):
        return None
    shown = compose.masked(notice)
    # The standard text is translated; what an admin has typed goes to everybody as it is.
    typed = wording if wording != notice.standard else None
    with language(person.language):
        words = compose.words_of(shown, [example], {example.id: person})[example.id]
        return compose.fill(compose.compose(notice, example, typed), words)


def preview_chat(notice: Notice, person: Person | None) -> Chat | None:
    """The words that WhatsApp has approved, filled in; None also where it does not go there."""
    example = notice.topic.example(notice.name, person) if person else None
    if person is None or example is None or not notice.whatsapp:
        return None
    words = compose.words_of(compose.masked(notice), [example], {example.id: person})[example.id]
    return compose_chat(notice, example, words)


def _students() -> Select[tuple[Person]]:
    return (
        select(Person)
        .join(User, User.person_id == Person.id)
        .where(User.role == Role.STUDENT)
        .order_by(Person.name, Person.id)
    )
