"""Links of one's own as effects: who gets one, what Zoom learns, and what becomes of a bad day."""

import pytest

from ffapp.classes.schedule import cancel, change
from ffapp.core import config
from ffapp.core.db import db, transaction
from ffapp.ledger import admin_actions
from ffapp.ledger.models import Effect, EffectAttempt
from ffapp.meetings.models import PersonalLink
from ffapp.meetings.personal_links import link_of
from ffapp.meetings.registration import registrant_of
from ffapp.people.invite import add_person
from ffapp.people.models import Person, Role
from ffapp.programme.enrol_many import enrol_many
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import registrants
from tests.at_zoom import plan_of, told_to_zoom
from tests.ledger.pupils import enrolled
from tests.processes import witness


@pytest.fixture
def without_links(settings):
    zoom = settings.providers["zoom"].changed(personal_links=False)
    config.use(settings.with_provider(zoom))


def links(session):
    db.session.rollback()
    rows = db.session.execute(
        db.select(Person.name, PersonalLink.address, PersonalLink.join_url)
        .join(Person, Person.id == PersonalLink.person_id)
        .where(PersonalLink.session_id == session.id)
        .order_by(Person.name)
    )
    return {row.name: (row.address, row.join_url) for row in rows}


def effects():
    db.session.rollback()
    return db.session.scalars(
        db.select(Effect).filter_by(kind="zoom.register").order_by(Effect.id)
    ).all()


def names_at_zoom():
    return sorted(
        f"{each['first_name']} {each['last_name']}".strip()
        for each in store.find("zoom", "registrant")
    )


def test_everybody_enrolled_gets_a_link_in_one_call(cast, worker):
    session = cast.schedule(hours=30)
    worker.drain()

    assert list(links(session)) == ["Asha Rao", "Kabir Shah", "Ravi Menon"]
    assert len({link for _, link in links(session).values()}) == 3
    assert {each.state for each in effects()} == {"sent"}
    assert told_to_zoom("registrant.batch") == 1


def test_zoom_learns_a_first_name_where_a_guardian_agreed_and_else_a_number(cast, worker):
    cast.schedule(hours=30)
    worker.drain()

    assert names_at_zoom() == ["Asha", "Ravi", f"Student {cast.kabir.id}"]
    known = str(store.find("zoom", "registrant"))
    for person in (cast.asha, cast.ravi, cast.kabir):
        assert person.email not in known
        assert person.phone is None or person.phone not in known


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Asha", ("Asha", None)),
        ("क्षमा देवी शर्मा", ("क्षमा", None)),
        ("🚀 Rocket", ("🚀", None)),
        ("A" * 90 + " B", ("A" * 64, None)),
    ],
)
def test_names_of_every_kind_fit(cast, name, shown):
    made = registrant_of(1, Person(id=7, name=name), consented=True)

    assert (made.first_name, made.last_name) == shown


def test_who_comes_later_gets_links_into_all_classes_to_come(cast, worker, travel):
    past, coming, another = (cast.schedule(hours=hours) for hours in (1, 30, 60))
    worker.drain()
    travel.forward(hours=3)

    late = enrolled(cast, "late")
    worker.drain()

    assert late.name in links(coming)
    assert late.name in links(another)
    assert late.name not in links(past)


def test_a_cancelled_class_makes_no_links(cast, worker):
    session = cast.schedule(hours=30)
    worker.drain()
    late = enrolled(cast, "late")
    db.session.refresh(session)
    transaction(cancel, session, "", session.revision, cast.admin)
    worker.drain()

    assert late.name not in links(session)
    assert {each.state for each in effects()} <= {"sent", "cancelled"}


def test_without_the_setting_nobody_is_registered_before_it_is_on_and_the_meeting_changes(
    cast, worker, settings, without_links
):
    session = cast.schedule(hours=30)
    worker.drain()

    assert not effects()
    db.session.refresh(session)
    assert not session.zoom_registration
    assert link_of(session, cast.asha) is None
    (meeting,) = store.find("zoom", "meeting")
    assert meeting["settings"]["approval_type"] == 2

    config.use(settings)
    transaction(change, session, plan_of(session, title="Renamed"), 1, cast.admin)
    worker.drain()
    assert len(links(session)) == 3


def test_where_the_hosts_plan_has_no_registration_nobody_is_registered(cast, worker):
    session = cast.schedule(hours=30, host="norecording@futurefounders.example")
    worker.drain()

    db.session.refresh(session)
    assert session.zoom_join_url
    assert not session.zoom_registration
    assert not effects()


@pytest.mark.parametrize("kind", ["down", "html", "limited"])
def test_a_bad_day_of_zoom_is_waited_out_and_nobody_is_registered_twice(cast, worker, travel, kind):
    session = cast.schedule(hours=30)
    worker.drain()
    store.set_switch("zoom", "fault", {"kind": kind})
    late = enrolled(cast, "late")
    worker.drain()
    store.set_switch("zoom", "fault", None)
    for _ in range(4):
        travel.forward(minutes=20)
        worker.drain()

    assert late.name in links(session)
    witness.assert_nothing_twice()
    assert {each.state for each in effects()} == {"sent"}


def set_approval(approval_type):
    """Change inside Zoom how the meeting registers people; the post about it is lost."""
    (meeting,) = store.find("zoom", "meeting")
    settings = {**meeting["settings"], "approval_type": approval_type}
    store.put("zoom", "meeting", str(meeting["id"]), {**meeting, "settings": settings})


def test_a_refused_registration_says_why_and_can_be_tried_again(cast, worker):
    session = cast.schedule(hours=30)
    worker.drain()
    late = enrolled(cast, "late")
    late.name = "Refused Rao"
    db.session.commit()
    worker.drain()
    refused = effects()[-1]
    assert (refused.state, "first_name" in refused.reason) == ("failed", True)

    late.name = "Meera Rao"
    db.session.commit()
    transaction(admin_actions.retry, refused, cast.admin)
    worker.drain()

    assert late.name in links(session)


def test_who_gets_no_link_is_told_of_and_not_registered_again_by_itself(
    cast, worker, travel, monkeypatch
):
    session = cast.schedule(hours=30)
    worker.drain()
    with monkeypatch.context() as patch:
        patch.setattr(registrants, "join_url", lambda meeting, registrant: "")
        late = enrolled(cast, "late")
        worker.drain()
        travel.forward(hours=2)
        worker.drain()
    failed = effects()[-1]
    assert (failed.state, "approved" in failed.reason) == ("failed", True)
    assert told_to_zoom("registrant.batch") == 2

    transaction(admin_actions.retry, failed, cast.admin)
    worker.drain()

    assert late.name in links(session)


def test_a_question_that_zoom_refuses_says_nothing_about_the_act(cast, worker, travel):
    session = cast.schedule(hours=30)
    worker.drain()
    store.set_switch("zoom", "fault", {"kind": "drop_after", "times": 1})
    late = enrolled(cast, "late")
    worker.drain()
    set_approval(2)  # Zoom does not list who is registered now
    travel.forward(minutes=1)
    worker.drain()
    asked = effects()[-1]
    assert (asked.state, "not registration required" in asked.reason) == ("uncertain", True)

    set_approval(0)
    travel.forward(minutes=20)
    worker.drain()

    assert effects()[-1].state == "sent"
    assert late.name in links(session)
    witness.assert_nothing_twice()


def test_what_is_asked_about_one_child_leaves_no_other_childs_name_in_the_record(
    cast, worker, travel
):
    cast.schedule(hours=30)
    worker.drain()
    store.set_switch("zoom", "fault", {"kind": "drop_after", "times": 1})
    enrolled(cast, "late")
    worker.drain()
    travel.forward(minutes=20)
    worker.drain()

    asked = effects()[-1]
    attempts = db.session.scalars(db.select(EffectAttempt).filter_by(effect_id=asked.id)).all()
    answers = [each["response"] for attempt in attempts for each in attempt.exchanges]
    assert "(a list of people)" in answers
    assert not [each for each in answers if "Ravi" in each or "Asha" in each]


def test_one_name_that_zoom_does_not_take_stops_no_other(cast, worker):
    cast.ravi.name = "Refused Menon"
    db.session.commit()
    session = cast.schedule(hours=30)
    worker.drain()

    assert list(links(session)) == ["Asha Rao", "Kabir Shah"]
    (failed,) = [each for each in effects() if each.state == "failed"]
    assert "first_name" in failed.reason
    witness.assert_nothing_twice()


def test_many_who_are_enrolled_together_take_few_calls(cast, worker, travel):
    session = cast.schedule(hours=30)
    worker.drain()
    cast.cohort.seats = 100
    db.session.commit()
    crowd = transaction(_students, cast.admin, 60)
    transaction(enrol_many, cast.cohort, crowd, cast.admin)
    worker.drain()
    travel.forward(seconds=61)  # until then it can be undone
    worker.drain()

    assert len(links(session)) == 63
    assert told_to_zoom("registrant.batch") == 1 + 2
    witness.assert_nothing_twice()


def _students(by, count):
    addresses = [f"crowd{number}@students.example" for number in range(count)]
    return [add_person(f"{each} S", each, Role.STUDENT, by=by) for each in addresses]
