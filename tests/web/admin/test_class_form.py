"""Scheduling a class or a weekly series, and changing a class, through the form."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, cancel, change, schedule
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from tests.browse import flashed
from tests.cast import HOST
from tests.web.admin.looking import hidden

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 12:00 in Kolkata


@pytest.fixture(autouse=True)
def noon(travel):
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


def test_what_is_typed_reaches_the_reader_as_it_was_typed(client, facts, cast, worker, mailbox):
    typed = {"title": "Know-when-to-sell", "description": "Cafe\u0301\r\n-first_name- {{ title }}"}
    post(client, {**facts, **typed})
    worker.drain()

    (session,) = classes()
    assert session.description == "Café\n-first_name- {{ title }}"
    for mail in mailbox(cast.asha.email):
        assert mail["subject"].startswith("Know-when-to-sell: ")
        assert "-first_name- {{ title }}" in mail["text"]
        assert "Hello Asha" in mail["text"]
    assert mailbox(cast.asha.email)


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


def test_nothing_is_asked_about_what_stays_as_it_was(client, cast):
    """It is in the night, and clashes with another; only its title is put right."""
    night = datetime(2026, 12, 5, 18, 0, tzinfo=UTC)
    session, _ = cast.schedule_at("Pricing", night), cast.schedule_at("Other", night)
    path = f"/admin/classes/{session.id}/edit"
    facts = {"title": "Prices", "at": "23:30"}

    answer = client.post(path, data=edit_facts(client.get(path), **facts))

    assert answer.status_code == 303
    asked = client.post(path, data=edit_facts(client.get(path), at="23:40"))
    assert asked.status_code == 422
    assert "is in the night" in asked.text


def test_editing_in_a_zone_shows_the_local_time_of_that_zone(client, cast, london):
    wanted = Plan("Drill", "", datetime(2027, 7, 1, 17, 0, tzinfo=UTC), 60, HOST)
    session = transaction(schedule, london, wanted, cast.admin)

    form = client.get(f"/admin/classes/{session.id}/edit").text

    assert 'value="18:00"' in form, "British summer time"
    assert "Europe/London" in form


# ── weekly ──


@pytest.fixture
def weekly(cast):
    return {
        "cohort_id": cast.cohort.id,
        "title": "Week {n}: Pricing",
        "day": "2026-12-05",
        "at": "17:00",
        "minutes": "60",
        "times": "4",
        "host": "educator@futurefounders.example",
    }


def asked(answer):
    """The questions of the form, as lines."""
    assert answer.status_code == 422
    part = answer.text.split('id="questions"')[1].split("</ul>")[0]
    lines = re.findall(r"<li>(.*?)</li>", part, re.S)
    return [html.unescape(line) for line in lines]


def test_four_weeks_are_made_in_one_go(client, cast, weekly):
    answer = post(client, weekly)

    assert answer.status_code == 303
    assert [each.title for each in classes()] == [f"Week {n}: Pricing" for n in (1, 2, 3, 4)]
    assert [each.starts_at.day for each in classes()] == [5, 12, 19, 26]
    page = client.get(answer.location)
    assert "4 weekly classes are scheduled from Sat 5 Dec, 5:00 pm IST" in flashed(page)
    assert "Week 4: Pricing" in page.text


def test_the_form_says_what_the_number_does_and_an_edit_has_none(client, cast, weekly):
    form = client.get("/admin/classes/new").text
    assert "{n} becomes the number of the class" in form
    assert 'name="times"' in form

    session = cast.schedule(hours=2)
    assert 'name="times"' not in client.get(f"/admin/classes/{session.id}/edit").text


@pytest.mark.parametrize("times", ["0", "53", "-1", "many"])
def test_how_many_is_a_number_to_52(client, weekly, times):
    answer = post(client, weekly, times=times)

    assert answer.status_code == 422
    assert "Give a" in answer.text
    assert classes() == []


def test_the_local_hour_stays_across_summer_time(client, weekly, london):
    answer = post(client, weekly, cohort_id=london.id, day="2027-03-20", times="3")

    assert answer.status_code == 303
    assert [each.starts_at.hour for each in classes()] == [17, 17, 16]


def test_a_time_that_the_clocks_skip_is_refused(client, facts, london):
    answer = post(client, facts, cohort_id=london.id, day="2027-03-28", at="01:30")

    assert answer.status_code == 422
    assert "The clocks skip this time on that day." in answer.text
    assert classes() == []


def test_an_hour_that_is_skipped_begins_at_the_first_one_that_exists(client, weekly, london):
    wanted = {**weekly, "cohort_id": london.id, "day": "2027-03-21", "at": "01:30"}

    first = post(client, wanted)

    assert asked(first) == [
        "Sun 21 Mar 2027: 1:30 am GMT is in the night.",
        "Sun 28 Mar 2027: 2:00 am BST is in the night.",
        "Sun 4 Apr 2027, Sun 11 Apr 2027: 1:30 am BST is in the night.",
    ]
    assert classes() == []
    assert post(client, wanted, confirmed=anyway(first)).status_code == 303
    assert [each.starts_at.hour for each in classes()] == [1, 1, 0, 0]


def test_a_clash_is_asked_about_by_its_date(client, cast, weekly):
    cast.schedule_at("Selling", datetime(2026, 12, 19, 11, 0, tzinfo=UTC))

    (line,) = asked(post(client, weekly))

    assert line.startswith("Sat 19 Dec 2026: educator@futurefounders.example hosts “Selling”")


def test_what_is_odd_about_all_of_them_is_said_once(client, weekly):
    assert asked(post(client, weekly, at="23:30")) == [
        "All 4 classes: 11:30 pm IST is in the night."
    ]


def test_dates_outside_the_cohort_are_asked_about(client, weekly):
    assert asked(post(client, weekly, day="2027-02-20", times="3")) == [
        "Sat 6 Mar 2027: This is after the last day of Winter 2026, 28 Feb 2027."
    ]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2027-03-01", "This is after the last day of Winter 2026, 28 Feb 2027."),
        ("2026-10-31", "This is before the first day of Winter 2026, 1 Nov 2026."),
    ],
)
def test_a_single_class_outside_its_cohort_is_asked_about_too(client, weekly, day, words):
    assert words in asked(post(client, weekly, day=day, times="1"))


def test_the_last_day_of_the_cohort_is_within_it(client, weekly):
    assert post(client, weekly, day="2027-02-28", times="1").status_code == 303


def test_the_class_and_its_cohort_say_what_happened(client, cast, weekly, worker):
    post(client, weekly)
    worker.drain()

    page = html.unescape(client.get(f"/admin/classes/{classes()[1].id}").text)
    assert "Class 2 of 4 that were made in one go" in page
    assert "Weekly classes scheduled" in page, "what the students were told"
    assert (
        f"subject=cohort%3D{cast.cohort.id}" in page or f"subject=cohort={cast.cohort.id}" in page
    )
    cohort = html.unescape(client.get(f"/admin/cohorts/{cast.cohort.id}").text)
    assert "scheduled 4 weekly classes from Sat 5 Dec, 5:00 pm IST to Sat 26 Dec" in cohort
    messages = client.get(f"/admin/messages?subject=cohort={cast.cohort.id}").text
    assert "Winter 2026" in messages
    assert messages.count("Weekly classes scheduled") >= 3
