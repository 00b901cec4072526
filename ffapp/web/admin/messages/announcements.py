"""Writing to several people at once, and who got it."""

from collections.abc import Sequence

import flask
import wtforms
from sqlalchemy import func, select

from ffapp.core.db import db
from ffapp.ledger.batches import Batch
from ffapp.ledger.models import Effect
from ffapp.messaging.announce import announce, problems
from ffapp.messaging.models import Announcement
from ffapp.people.models import Person
from ffapp.programme.models import Cohort
from ffapp.web import auth
from ffapp.web.admin.cohorts.pages import ROSTER
from ffapp.web.admin.messages.list import RARE, STATES, message_columns, rows_of
from ffapp.web.admin.people.list import PEOPLE
from ffapp.web.auth import admin
from ffapp.web.kit.bulk_actions import selected_ids
from ffapp.web.kit.filters import Asked, Choice, Filters, Search
from ffapp.web.kit.forms import Form, LongTextField, normal
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import get_or_404, query_int
from ffapp.web.kit.undo import UndoView, counted, flash_with_undo, show_undo_as

LONGEST_SUBJECT = 300


class AnnouncementForm(Form):
    subject = wtforms.StringField("Subject", filters=[normal])
    body = LongTextField("Text")


@admin.get("/announcements/new")
@admin.get("/announcements")
@admin.post("/announcements", endpoint="announcement_send")
def announcement_new() -> flask.typing.ResponseReturnValue:
    """Write to the people whom the address names: chosen on a list, or all that match."""
    people = _people()
    if not people:
        flask.flash("Choose the people to write to first", "warn")
        return see(_back())
    if flask.request.method != "POST":
        return _form(AnnouncementForm(formdata=None), people)
    form = AnnouncementForm()
    subject, body = form.subject.data or "", form.body.data or ""
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

    return submit(work)


RECIPIENTS = ListPage(
    name="recipients",
    heading="Who got it",
    noun=("message", "messages"),
    rows=lambda announcement: (
        select(Effect)
        .join(Person, Person.id == Effect.person_id)
        .where(Effect.subject == announcement.subject)
    ),
    key=Effect.id,
    load=rows_of,
    order="name",
    filters=Filters(
        (Choice("state", "State", STATES, Effect.state, style="chips", rare=RARE),),
        Search("Name or e-mail", (Person.name, Person.email)),
    ),
    columns=(
        *message_columns(),
        Column("Name", lambda it: it.to, func.lower(Person.name), on_page=False, in_file=False),
    ),
    empty=("Nobody was written to", "Those who are written to appear here."),
    no_match="Nobody is in this state",
    template="admin/announcements/show.html",
)


@admin.get("/announcements/<int:announcement_id>")
def announcement_show(announcement_id: int) -> flask.typing.ResponseReturnValue:
    announcement = get_or_404(Announcement, announcement_id)
    return RECIPIENTS.respond(
        announcement,
        announcement=announcement,
        writer=lambda: db.session.get_one(Person, announcement.written_by_id),
        batch=lambda: db.session.get_one(Batch, announcement.batch_id),
        total=lambda: len(RECIPIENTS.found(Asked(of=(announcement,))).keys()),
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
    return auth.back_or(flask.url_for("admin.person_index"))


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
