"""The texts of e-mails that an admin has changed; each takes the place of the standard text."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ffapp.core import clock
from ffapp.core.db import EditConflict, db
from ffapp.core.events import record
from ffapp.messaging.models import MessageTemplate, TemplateDraft
from ffapp.messaging.notice import Notice, Wording
from ffapp.people.models import Person


def wording_of(notice: Notice) -> Wording:
    """The text in force: what an admin wrote, else the standard text."""
    return saved_wording(notice.name) or notice.standard


def saved_wording(notice: str) -> Wording | None:
    """What an admin wrote for this notice; None where nobody did."""
    row = template_of(notice)
    return as_wording(row) if row and row.subject and row.body else None


def as_wording(row: MessageTemplate | TemplateDraft) -> Wording:
    return Wording(row.subject or "", row.body or "")


def template_of(notice: str) -> MessageTemplate | None:
    return db.session.scalar(select(MessageTemplate).where(MessageTemplate.notice == notice))


def edited() -> dict[str, MessageTemplate]:
    """Notice → the text that was changed, for all of them."""
    rows = db.session.scalars(select(MessageTemplate).where(MessageTemplate.body.is_not(None)))
    return {row.notice: row for row in rows}


def save(notice: str, wording: Wording, revision: int, by: Person) -> None:
    """Use this text from now on; it must have been checked. Raises EditConflict.

    What is saved already stays as it is, also when it was somebody else who saved the same.
    """
    drop_draft(notice, by)
    if saved_wording(notice) == wording:
        return
    row = _locked(notice, revision)
    was = [row.subject, row.body]
    row.subject, row.body, row.earlier_text = wording.subject, wording.text, None
    _changed(row, by)
    now = [wording.subject, wording.text]
    record("template_changed", by=by, on=row, notice=notice, was=was, now=now)


def reset(notice: str, revision: int, by: Person) -> None:
    """Go back to the standard text. Raises EditConflict."""
    row = _locked(notice, revision)
    if row.body is None and row.earlier_text is None:
        return
    was = [row.subject, row.body]
    row.subject = row.body = row.earlier_text = None
    _changed(row, by)
    record("template_reset", by=by, on=row, notice=notice, was=was)


def keep_draft(notice: str, wording: Wording, revision: int, by: Person) -> None:
    """Keep what somebody began to type over that revision of the text, and has not saved."""
    values = {"subject": wording.subject, "body": wording.text, "at": clock.now()}
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
