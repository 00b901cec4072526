"""The first steps of a new programme: what is done, what comes next; gone when all are done."""

from collections.abc import Sequence
from dataclasses import dataclass

import flask
from sqlalchemy import exists, func, select

from ffapp.classes.models import ClassSession
from ffapp.core.db import db, transaction
from ffapp.people.models import Consent
from ffapp.programme.models import Cohort, Enrolment
from ffapp.providers.connections import KIND, Connection, last_answers, start_check
from ffapp.providers.registry import PROVIDERS
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.kit.page import see
from ffapp.web.kit.runs import RunView, show_as


@dataclass(frozen=True)
class Step:
    """One step; `why` says what comes of it."""

    title: str
    why: str
    is_done: bool
    link: str = ""
    url: str = ""


def first_steps() -> Sequence[Step]:
    """All of them, or none once the last is done; one query."""
    cohort_id, has_students, has_guardians, has_classes = db.session.execute(
        select(
            select(func.max(Cohort.id)).scalar_subquery(),
            exists().where(Enrolment.withdrawn_at.is_(None)),
            exists().where(Consent.purpose == "classes"),
            exists().where(ClassSession.id.is_not(None)),
        )
    ).one()
    is_ready = cohort_id is not None
    if is_ready and has_students and has_guardians and has_classes:
        return ()
    cohort_url = flask.url_for(
        "admin.cohort_show" if is_ready else "admin.cohort_new", cohort_id=cohort_id
    )
    people_url = flask.url_for("admin.person_index", role="student")
    class_url = flask.url_for("admin.class_new")
    new_url = flask.url_for("admin.cohort_new")
    consent = "A student gets messages once a guardian has agreed."
    meeting = "Its meeting is made at Zoom, and the students are told."
    adding = "Import a list, or invite them one by one."
    return (
        Step("A cohort", "A group that learns together.", is_ready, "Create a cohort", new_url),
        Step("Its students", adding, has_students, "Add students", cohort_url),
        Step("Their guardians", consent, has_guardians, "Open the students", people_url),
        Step("The first class", meeting, has_classes, "Schedule a class", class_url),
    )


def connections() -> Sequence[Step]:
    """One for each provider, as it answered last."""
    answers = last_answers()
    return [_connection(each.title, answers.get(each.title)) for each in PROVIDERS]


def _connection(provider: str, answer: Connection | None) -> Step:
    if answer is None:
        return Step(provider, "Not checked yet.", is_done=False)
    title = f"{provider} (simulated)" if answer.simulated else provider
    return Step(title, answer.sentence, is_done=answer.works)


@admin.post("/connections")
def connection_check() -> flask.typing.ResponseReturnValue:
    """Have every provider asked whether it takes our credentials; the run shows the answers."""
    run = transaction(start_check, auth.me())
    return see(flask.url_for("admin.run_show", run_id=run.id))


show_as(
    KIND,
    RunView(
        heading="Connections",
        label="Asking the providers",
        crumb=("Today", lambda run: flask.url_for("admin.today")),
        summary=lambda run: f"asked {run.done} of {run.total} providers",
        figures=lambda run: [
            (each["provider"], "Works" if each["works"] else "Does not work")
            for each in run.facts["answers"]
        ],
        links=lambda run: [("Back to Today", flask.url_for("admin.today"))],
        again=lambda run: ("Check again", flask.url_for("admin.connection_check"), {}),
        can_cancel=False,
    ),
)
