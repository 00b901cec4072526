"""The texts of e-mails that an admin has changed; each stands in the place of the house's own."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ffapp.core import clock
from ffapp.core.db import EditConflict, db
from ffapp.core.events import record
from ffapp.messaging.models import MessageTemplate, TemplateDraft
from ffapp.people.models import Person


def own_words_of(notice: str) -> tuple[str, str] | None:
    """The subject and the text that an admin wrote for this notice; None where nobody did."""
    row = template_of(notice)
    return (row.subject, row.body) if row and row.subject and row.body else None


def template_of(notice: str) -> MessageTemplate | None:
    return db.session.scalar(select(MessageTemplate).where(MessageTemplate.notice == notice))


def edited() -> dict[str, MessageTemplate]:
    """Notice → the text that was changed, for all of them."""
    rows = db.session.scalars(select(MessageTemplate).where(MessageTemplate.body.is_not(None)))
    return {row.notice: row for row in rows}


def save(notice: str, subject: str, body: str, revision: int, by: Person) -> None:
    """Use this text from now on; it must have been checked. Raises EditConflict.

    What is saved already stays as it is, also when it was somebody else who saved the same.
    """
    drop_draft(notice, by)
    if own_words_of(notice) == (subject, body):
        return
    row = _locked(notice, revision)
    was = [row.subject, row.body]
    row.subject, row.body = subject, body
    _changed(row, by)
    record("template_changed", by=by, on=row, notice=notice, was=was, now=[subject, body])


def reset(notice: str, revision: int, by: Person) -> None:
    """Go back to the text of the house. Raises EditConflict."""
    row = _locked(notice, revision)
    if row.body is None:
        return
    was = [row.subject, row.body]
    row.subject = row.body = None
    _changed(row, by)
    record("template_reset", by=by, on=row, notice=notice, was=was)


def keep_draft(notice: str, subject: str, body: str, revision: int, by: Person) -> None:
    """Keep what somebody began to type over that revision of the text, and has not saved."""
    values = {"subject": subject, "body": body, "at": clock.now()}
    row = insert(TemplateDraft).values(
        notice=notice, person_id=by.id, base_revision=revision, **values
    )
    db.session.execute(
        row.on_conflict_do_update(index_elements=["notice", "person_id"], set_=values)
    )


def draft_of(notice: str, person: Person) -> TemplateDraft | None:
    return db.session.scalar(
        select(TemplateDraft).where(
            TemplateDraft.notice == notice, TemplateDraft.person_id == person.id
        )
    )


def drop_draft(notice: str, person: Person) -> None:
    draft = draft_of(notice, person)
    if draft is not None:
        db.session.delete(draft)


def _locked(notice: str, revision: int) -> MessageTemplate:
    row = insert(MessageTemplate).values(notice=notice, revision=0, changed_at=clock.now())
    db.session.execute(row.on_conflict_do_nothing(index_elements=["notice"]))
    found = db.session.scalar(
        select(MessageTemplate)
        .where(MessageTemplate.notice == notice)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    assert found is not None
    if found.revision != revision:
        raise EditConflict
    return found


def _changed(row: MessageTemplate, by: Person) -> None:
    row.revision += 1
    row.changed_at = clock.now()
    drop_draft(row.notice, by)
