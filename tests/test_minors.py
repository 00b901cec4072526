"""Students are minors: without a guardian's word, no provider hears of them."""

from dataclasses import replace

from sqlalchemy import text

from ffapp.classes.schedule import Plan, cancel, change
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.meetings.personal_links import link_of
from ffapp.people.consent_records import record_consent
from ffapp.providers.simulating import store
from tests.processes.witness import everything_the_simulators_know


def test_nothing_of_a_child_whose_guardian_refused_reaches_a_provider(cast, worker):
    session = cast.schedule(hours=30)
    worker.drain()
    wanted = Plan(session.title, "", session.starts_at, 60, session.zoom_host_email)
    transaction(change, session, replace(wanted, title="Another title"), 1, cast.admin)
    transaction(cancel, session, "", 2, cast.admin)
    worker.drain()

    known = everything_the_simulators_know()

    assert cast.asha.email in known, "the witness sees those who agreed"
    for word in (cast.kabir.name, cast.kabir.first_name, cast.kabir.email, cast.kabir.phone):
        assert word not in known
    mine = db.session.scalars(db.select(Effect).filter_by(person_id=cast.kabir.id)).all()
    assert mine
    assert {effect.state for effect in mine} <= {"withheld", "cancelled"}
    assert all(effect.reason for effect in mine)


def test_a_child_whose_guardian_refused_joins_by_a_link_that_does_not_name_them(cast, worker):
    session = cast.schedule(hours=30)
    worker.drain()

    link = link_of(session, cast.kabir)

    assert link
    (known,) = [each for each in store.find("zoom", "registrant") if each["token"] in link]
    assert f"{known['first_name']} {known['last_name']}" == f"Student {cast.kabir.id}"
    assert known["email"].startswith("join-")


def test_a_word_that_was_never_asked_for_is_no_consent(cast, worker, mailbox):
    db.session.execute(text("DELETE FROM consents"))
    db.session.commit()
    cast.schedule(hours=30)
    worker.drain()

    assert mailbox() == []
    reasons = set(db.session.scalars(db.select(Effect.reason).filter_by(state="withheld")))
    assert reasons == {"No guardian has agreed to this yet."}


def test_consent_that_is_given_later_opens_the_reminders(cast, worker, travel, mailbox):
    cast.schedule(hours=30)
    (guardian,) = cast.kabir.guardians
    transaction(record_consent, guardian, "account", True, cast.admin)
    worker.drain()

    travel.forward(hours=6, minutes=1)
    worker.drain()

    assert [mail["subject"][:8] for mail in mailbox(cast.kabir.email)][-1] == "Tomorrow"


def test_the_last_word_of_a_guardian_counts(cast, worker, travel, mailbox):
    cast.schedule(hours=30)
    worker.drain()
    (guardian,) = cast.asha.guardians
    before = len(mailbox(cast.asha.email))
    transaction(record_consent, guardian, "account", False, cast.admin)

    travel.forward(hours=6, minutes=1)
    worker.drain()

    assert len(mailbox(cast.asha.email)) == before
