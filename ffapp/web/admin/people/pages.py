"""People: the list, and the page of one."""

import flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ffapp.core.db import db
from ffapp.messaging import suppression
from ffapp.people import account_status
from ffapp.people.consent import ALSO_ALLOWS, PURPOSES, latest_consents
from ffapp.people.models import Person
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web.admin import histories
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.messages.ledger_rows import rows_of_person
from ffapp.web.admin.people.list import PEOPLE
from ffapp.web.kit.idempotency import new_key
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.timeline import timeline

MESSAGES_SHOWN = 20


@admin.get("/people")
def person_index() -> flask.typing.ResponseReturnValue:
    return PEOPLE.respond()


@admin.get("/people/<int:person_id>")
def person_show(person_id: int) -> flask.typing.ResponseReturnValue:
    person = get_or_404(Person, person_id, selectinload(Person.guardians))
    enrolments = db.session.execute(
        select(Enrolment, Cohort)
        .join(Enrolment.cohort)
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.withdrawn_at.is_not(None), Cohort.starts_on.desc())
    ).all()
    return page(
        "admin/people/show.html",
        person=person,
        standing=account_status.account_statuses([person_id])[person_id],
        invitation=account_status.newest_invitation(person_id),
        enrolments=enrolments,
        purposes=PURPOSES,
        also_allows=ALSO_ALLOWS,
        consents=latest_consents([person_id]),
        silent=suppression.of_person(person),
        liftable=suppression.LIFTABLE,
        messages=rows_of_person(person_id, MESSAGES_SHOWN),
        timeline=timeline(histories.of_person(person)),
        new_key=new_key,
    )
