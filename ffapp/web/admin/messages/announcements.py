"""Writing to several people at once, and who got it."""

from collections import Counter
from collections.abc import Sequence

import flask
import wtforms
from sqlalchemy import func, select

from ffapp.core.db import db
from ffapp.ledger.batches import Batch
from ffapp.ledger.models import Effect, State
from ffapp.messaging.announce import announce, problems
from ffapp.messaging.models import Announcement
from ffapp.people.models import Person
from ffapp.programme.models import Cohort
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.cohorts.roster import ROSTER
from ffapp.web.admin.messages import list as messages_list
from ffapp.web.admin.messages.ledger_rows import ledger, ledger_rows
from ffapp.web.admin.people.list import PEOPLE
from ffapp.web.kit.bulk_actions import selected_ids
from ffapp.web.kit.forms import Form
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.listing import chips, page_of, page_url, query_int, query_str
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.undo import UndoView, counted, flash_with_undo, show_undo_as

LONGEST_SUBJECT = 300


def _storable(text: str | None) -> str | None:
    """Without what Postgres keeps in no text."""
    return text.replace("\0", "") if text else text


class AnnouncementForm(Form):
    subject = wtforms.StringField("Subject", filters=[_storable])
    body = wtforms.TextAreaField("Text", filters=[_storable])


@admin.get("/announcements/new")
@admin.get("/announcements")
def announcement_new() -> flask.typing.ResponseReturnValue:
    """The form, with the people whom the address names: chosen on a list, or all that match."""
    people = _people()
    if not people:
        flask.flash("Choose the people to write to first", "warn")
        return see(_back())
    return _form(AnnouncementForm(formdata=None), people)


@admin.post("/announcements")
def announcement_send() -> flask.typing.ResponseReturnValue:
    people = _people()
    if not people:
        flask.flash("Choose the people to write to first", "warn")
        return see(_back())
    form = AnnouncementForm()
    subject, body = form.subject.data or "", (form.body.data or "").replace("\r\n", "\n")
    form.validate()
    for field, problem in problems(subject, body):
        form.refuse("body" if field == "text" else field, problem)
    if len(subject) > LONGEST_SUBJECT:
        form.refuse("subject", f"This is longer than {LONGEST_SUBJECT} characters.")
    if form.errors:
        return _form(form, people, status=422)

    def work() -> str:
        announcement = announce(subject.strip(), body.strip(), people, auth.me())
        batch = db.session.get_one(Batch, announcement.batch_id)
        flash_with_undo(f"Your message goes to {_count(people)} in a minute.", batch)
        return flask.url_for("admin.announcement_show", announcement_id=announcement.id)

    return submit(form.submission.data, work)


@admin.get("/announcements/<int:announcement_id>")
def announcement_show(announcement_id: int) -> flask.typing.ResponseReturnValue:
    announcement = get_or_404(Announcement, announcement_id)
    mine = Effect.subject == announcement.subject
    counts = Counter(
        dict(
            db.session.execute(
                select(Effect.state, func.count()).where(mine).group_by(Effect.state)
            ).all()  # type: ignore[arg-type]
        )
    )
    state = query_str("state") if query_str("state") in set(State) else ""
    shown = page_of(counts[state] if state else counts.total())
    wanted = ledger().where(mine, *([Effect.state == state] if state else []))
    rows = wanted.order_by(Person.name, Effect.id).limit(shown.per_page).offset(shown.offset)
    return page(
        "admin/announcements/show.html",
        announcement=announcement,
        writer=db.session.get_one(Person, announcement.written_by_id),
        batch=db.session.get_one(Batch, announcement.batch_id),
        rows=ledger_rows(rows),
        total=counts.total(),
        chips=chips("state", messages_list.of_interest([*counts, state]), counts),
        shown=shown,
        page_url=page_url,
    )


def _people() -> Sequence[Person]:
    """Those whom the address or the form names, by name; see `kit.bulk_actions`."""
    ids = selected_ids(_matching_ids)
    return db.session.scalars(
        select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id)
    ).all()


def _matching_ids() -> Sequence[int]:
    """All who fit the filters of the list on which they were chosen: a roster, or all people."""
    cohort_id = query_int("roster")
    if cohort_id is not None:
        return ROSTER.matching_ids(get_or_404(Cohort, cohort_id))
    return PEOPLE.matching_ids()


def _back() -> str:
    """The list on which the people were chosen, filtered as it was."""
    asked = auth.safe_path(flask.request.values.get("next"))
    return asked or flask.url_for("admin.person_index")


def _form(
    form: AnnouncementForm, people: Sequence[Person], status: int = 200
) -> flask.typing.ResponseReturnValue:
    return page(
        "admin/announcements/new.html",
        form=form,
        people=people,
        count=_count(people),
        back=_back(),
        status=status,
    )


def _count(people: Sequence[Person]) -> str:
    return people[0].name if len(people) == 1 else f"{len(people)} people"


show_undo_as(
    "message",
    UndoView(
        name="a message to several people",
        done=lambda batch: "A message was written",
        things=counted("message is", "messages are", "taken back"),
        page=lambda batch: flask.url_for(
            "admin.announcement_show", announcement_id=batch.facts["announcement_id"]
        ),
        tells=False,
    ),
)
