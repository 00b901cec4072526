"""People: the list, and the page of one."""

import flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ffapp.db import db
from ffapp.messaging import suppression
from ffapp.people import standing
from ffapp.people.consent import ALSO_ALLOWS, PURPOSES, latest_consents
from ffapp.people.models import Person
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web.admin import histories
from ffapp.web.admin.door import admin
from ffapp.web.admin.find import row_or_404
from ffapp.web.admin.ledger_rows import rows_of_person
from ffapp.web.admin.people_list import PEOPLE
from ffapp.web.admin.sentences import timeline
from ffapp.web.once import new_key
from ffapp.web.page import page

MESSAGES_SHOWN = 20


@admin.get("/people")
def person_index() -> flask.typing.ResponseReturnValue:
    return PEOPLE.respond()


@admin.get("/people/<int:person_id>")
def person_show(person_id: int) -> flask.typing.ResponseReturnValue:
    person = row_or_404(Person, person_id, selectinload(Person.guardians))
    enrolments = db.session.execute(
        select(Enrolment, Cohort)
        .join(Enrolment.cohort)
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.withdrawn_at.is_not(None), Cohort.starts_on.desc())
    ).all()
    return page(
        "admin/people/show.html",
        person=person,
        standing=standing.standings([person_id])[person_id],
        invitation=standing.newest_invitation(person_id),
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
