"""Scheduling and changing a class through the form."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, cancel, change, schedule
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.programme.cohorts import create_cohort
from tests.browse import flashed
from tests.cast import HOST
from tests.web.admin.looking import hidden

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 12:00 in Kolkata


@pytest.fixture(autouse=True)
def admin(client, cast, travel):
    client.sign_in(cast.admin)
    travel.to(NOON)


@pytest.fixture
def facts(cast):
    return {
        "cohort_id": cast.cohort.id,
        "title": "  Finding   a price ",
        "description": "What is it worth?",
        "day": "2026-12-05",
        "at": "17:00",
        "minutes": "75",
        "host": "Educator@futurefounders.example",
    }


@pytest.fixture
def london(cast):
    return transaction(
        create_cohort,
        name="London",
        starts_on=cast.cohort.starts_on,
        ends_on=cast.cohort.ends_on,
        seats=5,
        time_zone="Europe/London",
        by=cast.admin,
    )


def classes():
    db.session.rollback()
    return db.session.scalars(select(ClassSession).order_by(ClassSession.id)).all()


def anyway(page):
    """The value of the button that goes on in spite of the questions."""
    tag = re.search(r'<button[^>]*name="confirmed"[^>]*>', page.text).group(0)
    return re.search(r'value="([^"]*)"', tag).group(1)


def post(client, facts, path="/admin/classes/new", **more):
    return client.post(path, data={**facts, **more})


def test_a_class_is_scheduled_at_its_cohorts_local_time(client, facts):
    answer = post(client, facts)

    (session,) = classes()
    assert answer.status_code == 303
    assert answer.location == f"/admin/classes/{session.id}"
    assert session.title == "Finding a price"
    assert session.starts_at == datetime(2026, 12, 5, 11, 30, tzinfo=UTC)
    assert (session.duration_minutes, session.zoom_host_email) == (75, HOST)
    page = client.get(answer.location)
    assert "Finding a price is scheduled for Sat 5 Dec, 5:00 pm IST" in flashed(page)


def test_a_double_click_schedules_one_class(client, facts):
    facts["submission"] = hidden(client.get("/admin/classes/new"), "submission")

    first, twin = post(client, facts), post(client, facts)

    assert len(classes()) == 1
    assert first.location == twin.location


def test_a_class_that_starts_in_ten_minutes_just_works(client, facts):
    answer = post(client, facts, day="2026-11-23", at="12:10")

    assert answer.status_code == 303
    assert classes()[0].starts_at == NOON + timedelta(minutes=10)


def test_the_zone_is_named_and_follows_the_cohort(client, london):
    form = client.get("/admin/classes/new").text
    part = client.get(
        f"/admin/classes/new?cohort_id={london.id}",
        headers={"HX-Request": "true", "HX-Target": "zone-note"},
    ).text

    assert "London · Europe/London" in form, "without a script it stands beside the name"
    assert "Europe/London" in part
    assert part.lstrip().startswith("<p")
    assert "6:30 am now" in part


def test_a_cohort_that_is_asked_for_is_chosen(client, cast, london):
    form = client.get(f"/admin/classes/new?cohort_id={cast.cohort.id}").text

    assert f'selected value="{cast.cohort.id}"' in form


def test_usual_lengths_are_one_click(client):
    part = client.get(
        "/admin/classes/new?minutes=90",
        headers={"HX-Request": "true", "HX-Target": "minutes-field"},
    ).text

    assert 'value="90"' in part


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("cohort_id", "", "Choose a cohort."),
        ("cohort_id", "999", "Choose a cohort."),
        ("title", "  ", "Give the class a title."),
        ("title", "x" * 151, "longer than 150"),
        ("day", "", "Choose a day."),
        ("day", "2026-02-30", "not a date of the calendar"),
        ("day", "0001-01-01", "Choose a day between 2020 and 2100"),
        ("day", "9999-12-31", "Choose a day between 2020 and 2100"),
        ("at", "", "Give a time of day"),
        ("at", "25:00", "not a time of day"),
        ("minutes", "0", "Give a number from 1 to 1440 minutes."),
        ("minutes", "1500", "Give a number from 1 to 1440 minutes."),
        ("minutes", "an hour", "Give a whole number."),
        ("minutes", "", "Say how many minutes"),
        ("host", "", "Give the e-mail address"),
        ("host", "nobody", "@"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_typing_is_kept(
    client, facts, london, field, typed, said
):
    answer = post(client, facts, **{field: typed})

    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "What is it worth?" in answer.text
    assert classes() == []


def test_what_is_odd_is_asked_and_saved_only_when_that_was_answered(client, facts, cast):
    busy = datetime(2026, 12, 5, 11, 0, tzinfo=UTC)
    cast.schedule_at("Selling", busy)

    asked = post(client, facts)
    assert asked.status_code == 422
    assert "hosts “Selling” (Winter 2026) at that time" in asked.text
    assert len(classes()) == 1, "nothing is saved"

    assert post(client, facts, confirmed=anyway(asked)).status_code == 303
    assert len(classes()) == 2


def test_an_answer_counts_for_exactly_what_was_asked(client, facts):
    asked = post(client, facts, at="23:30")
    assert "in the night" in asked.text
    answer = anyway(asked)

    for other in ({"at": "23:45"}, {"at": "23:30", "day": "2026-11-01"}, {"minutes": "80"}):
        again = post(client, facts, **{"at": "23:30", **other}, confirmed=answer)
        assert again.status_code == 422, other
    assert classes() == []
    assert post(client, facts, at="23:30", title="Owls", confirmed=answer).status_code == 303


@pytest.mark.parametrize("at", ["22:00", "23:59", "00:00", "03:00", "05:59"])
def test_a_class_in_the_night_is_asked_about_and_saved_when_that_was_meant(client, facts, at):
    asked = post(client, facts, at=at)

    assert asked.status_code == 422
    hour, minute = int(at[:2]), at[3:]
    half = "am" if hour < 12 else "pm"
    assert f"{hour % 12 or 12}:{minute} {half} IST is in the night." in asked.text
    assert classes() == []
    assert post(client, facts, at=at, confirmed=anyway(asked)).status_code == 303


@pytest.mark.parametrize("at", ["06:00", "21:59"])
def test_the_edges_of_the_day_are_not_the_night(client, facts, at):
    assert post(client, facts, at=at).status_code == 303
    assert len(classes()) == 1


def test_the_night_is_that_of_the_cohorts_zone(client, facts, london):
    asked = post(client, facts, cohort_id=london.id, at="03:00")

    assert asked.status_code == 422
    assert "3:00 am GMT is in the night." in asked.text


def test_moving_a_class_into_the_night_is_asked_about_too(client, session):
    path = f"/admin/classes/{session.id}/edit"
    wanted = edit_facts(client.get(path), at="03:00")

    asked = client.post(path, data=wanted)

    assert asked.status_code == 422
    assert "3:00 am IST is in the night." in asked.text
    assert client.post(path, data={**wanted, "confirmed": anyway(asked)}).status_code == 303


def test_the_past_is_asked_about(client, facts):
    assert "is in the past" in post(client, facts, day="2026-11-20").text


def test_without_a_cohort_the_page_leads_to_making_one(client, cast):
    for model in (Effect, ClassSession):
        db.session.execute(db.delete(model))
    db.session.execute(db.text("DELETE FROM enrolments"))
    db.session.execute(db.text("DELETE FROM cohorts"))
    db.session.commit()

    page = client.get("/admin/classes/new").text

    assert "There is no cohort yet" in page
    assert "/admin/cohorts/new" in page


@pytest.fixture
def session(cast):
    return cast.schedule_at("Pricing", datetime(2026, 12, 5, 11, 30, tzinfo=UTC))


def edit_facts(page, **changes):
    facts = {
        "title": "Pricing",
        "description": "How to find a price",
        "day": "2026-12-05",
        "at": "17:00",
        "minutes": "60",
        "host": HOST,
        "revision": hidden(page, "revision"),
        "submission": hidden(page, "submission"),
    }
    return {**facts, **changes}


def test_a_class_is_moved_and_its_students_are_told(client, session):
    path = f"/admin/classes/{session.id}/edit"
    form = client.get(path)
    assert 'value="17:00"' in form.text

    answer = client.post(path, data=edit_facts(form, at="18:00"))

    assert answer.status_code == 303
    db.session.refresh(session)
    assert session.starts_at == datetime(2026, 12, 5, 12, 30, tzinfo=UTC)
    assert session.revision == 2
    assert "moved to Sat 5 Dec, 6:00 pm IST" in flashed(client.get(answer.location))


def test_saving_what_is_there_already_changes_nothing(client, session):
    path = f"/admin/classes/{session.id}/edit"

    answer = client.post(path, data=edit_facts(client.get(path)))

    db.session.refresh(session)
    assert session.revision == 1
    assert "Nothing was different" in flashed(client.get(answer.location))


def test_the_second_of_two_admins_is_told_and_keeps_their_typing(client, cast, session):
    path = f"/admin/classes/{session.id}/edit"
    form = client.get(path)
    wanted = Plan("Value", session.description, session.starts_at + timedelta(hours=1), 60, HOST)
    transaction(change, session, wanted, 1, cast.ravi)

    answer = client.post(path, data=edit_facts(form, title="Worth"))

    assert answer.status_code == 409
    assert "This class was changed while you were editing it" in answer.text
    assert "Ravi Menon moved “Value” from Sat 5 Dec, 5:00 pm IST to" in answer.text
    assert 'value="Worth"' in answer.text
    assert hidden(answer, "revision") == "2"
    db.session.refresh(session)
    assert session.title == "Value"

    again = client.post(path, data=edit_facts(answer, title="Worth"))
    assert again.status_code == 303
    db.session.refresh(session)
    assert (session.title, session.revision) == ("Worth", 3)


def test_the_twin_of_a_saved_form_is_not_taken_for_a_conflict(client, session):
    path = f"/admin/classes/{session.id}/edit"
    data = edit_facts(client.get(path), title="Worth")

    first, twin = client.post(path, data=data), client.post(path, data=data)

    assert first.status_code == twin.status_code == 303
    db.session.refresh(session)
    assert session.revision == 2


def test_a_revision_that_was_tampered_with_is_a_conflict_and_no_crash(client, session):
    path = f"/admin/classes/{session.id}/edit"
    form = client.get(path)

    for revision in ("", "x", "-1", "99999999999999999999"):
        answer = client.post(path, data=edit_facts(form, title="Worth", revision=revision))
        assert answer.status_code == 409, revision


def test_the_host_can_be_changed_until_there_is_a_meeting(client, cast, worker, session):
    path = f"/admin/classes/{session.id}/edit"
    form = client.get(path)
    assert 'name="host"' in form.text

    client.post(path, data=edit_facts(form, host="other@futurefounders.example"))
    db.session.refresh(session)
    assert session.zoom_host_email == "other@futurefounders.example"

    worker.drain()
    page = client.get(path)
    assert 'name="host"' not in page.text
    assert "Zoom cannot give it to another one" in page.text


def test_a_host_typed_before_the_meeting_was_made_is_not_dropped_in_silence(
    client, worker, session
):
    path = f"/admin/classes/{session.id}/edit"
    form = client.get(path)
    worker.drain()

    wanted = edit_facts(form, title="Worth", host="x@zoom.example")
    answer = client.post(path, data=wanted)

    assert f"The host is still {HOST}" in flashed(client.get(answer.location))


def test_a_cancelled_class_cannot_be_edited(client, cast, session):
    path = f"/admin/classes/{session.id}/edit"
    form = client.get(path)
    transaction(cancel, session, "", 1, cast.admin)

    for ask in (client.get, lambda to: client.post(to, data=edit_facts(form, title="Worth"))):
        answer = ask(path)
        assert answer.status_code == 303
        assert "is cancelled" in flashed(client.get(answer.location))
    db.session.refresh(session)
    assert session.title == "Pricing"


def test_a_class_does_not_clash_with_itself(client, session):
    path = f"/admin/classes/{session.id}/edit"

    answer = client.post(path, data=edit_facts(client.get(path), at="17:05"))

    assert answer.status_code == 303


def test_editing_in_a_zone_shows_the_local_time_of_that_zone(client, cast, london):
    wanted = Plan("Drill", "", datetime(2027, 7, 1, 17, 0, tzinfo=UTC), 60, HOST)
    session = transaction(schedule, london, wanted, cast.admin)

    form = client.get(f"/admin/classes/{session.id}/edit").text

    assert 'value="18:00"' in form, "British summer time"
    assert "Europe/London" in form


def test_nothing_is_planned_for_a_class_that_was_only_asked_about(client, facts):
    post(client, facts, at="23:30")

    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Effect)) == 0
    assert clock.now() == NOON
