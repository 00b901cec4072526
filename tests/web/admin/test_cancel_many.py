"""Cancelling several classes with one reason, and bringing them back."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from ffapp.classes import calendar, undoable
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.ledger.plan import plan
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from tests.browse import flashed
from tests.web.admin.bulk import bell_lines, follow, notice_url, open_messages, undo, undo_url

URL = "/admin/classes/cancellations"


pytestmark = pytest.mark.usefixtures("travel")


@pytest.fixture
def three(cast, worker):
    """Three classes with their meetings, of which everybody has been told."""
    found = [cast.schedule(f"Week {n}", hours=48 * n) for n in (1, 2, 3)]
    worker.drain()
    return found


@pytest.fixture
def cancel(client):
    def cancel(*sessions, because="The teacher is ill", **more):
        data = {f"version-{each.id}": each.revision for each in sessions}
        ids = [each.id for each in sessions]
        return client.post(URL, data={**data, "id": ids, "because": because, **more})

    return cancel


def effects(rule, state=None):
    db.session.expire_all()
    rows = select(Effect).where(Effect.rule == rule).order_by(Effect.id)
    return [each for each in db.session.scalars(rows) if state in (None, each.state)]


def test_only_coming_classes_can_be_chosen(client, cast, three, cancel):
    cancel(three[0])

    page = client.get("/admin/classes?when=all").text

    assert "Choose Week 2" in page
    assert "Choose Week 1" not in page


def test_the_question_names_them_and_what_is_left_out(client, cast, three, cancel):
    cancel(three[0])

    page = client.get(URL, query_string={"id": [each.id for each in three]}).text

    assert "Cancel 2 classes" in page
    assert "“Week 1” is cancelled already." in page


@pytest.mark.parametrize("chosen", [[], ["x"], ["999999999"], ["9" * 30]])
def test_nothing_chosen_leads_back_to_the_list(client, chosen):
    page = follow(client, client.get(URL, query_string={"id": chosen}))

    assert "Choose classes that are still to come" in flashed(page)


def test_a_family_reads_one_message_with_all_the_dates(
    client, cast, three, cancel, worker, mailbox, travel
):
    before = len(mailbox(cast.asha.email))
    page = follow(client, cancel(*three))
    worker.drain()
    assert "3 classes are cancelled" in flashed(page)
    assert len(mailbox(cast.asha.email)) == before

    travel.forward(seconds=61)
    worker.drain()

    (mail,) = mailbox(cast.asha.email)[before:]
    assert mail["subject"] == "Cancelled: 3 classes of Winter 2026"
    for week in (1, 2, 3):
        assert f"Week {week}" in mail["text"]
    assert "Why: The teacher is ill" in mail["text"]
    assert "Several classes cancelled" in client.get(f"/admin/classes/{three[0].id}").text
    assert bell_lines(cast.asha)[-1].startswith("Cancelled: 3 classes of Winter 2026")
    assert {each.state for each in effects("zoom_meeting") if each.kind == "zoom.delete"} == {
        "sent"
    }


def test_its_file_takes_them_out_of_the_calendar(cast, three, cancel, worker):
    cancel(*three)
    worker.drain()

    file = Calendar.from_ical(calendar.file_of(*db.session.scalars(select(ClassSession))))

    assert str(file["method"]) == "CANCEL"
    planned = effects("classes_cancelled", "planned")
    assert [each.kind for each in planned].count("email") == 3


def test_one_class_is_told_as_always(cast, three, cancel, worker):
    cancel(three[0])
    worker.drain()

    assert {each.subject for each in effects("class_cancelled")} == {three[0].subject}
    assert effects("classes_cancelled") == []


def test_undo_brings_them_back_exactly_as_they_were(
    client, cast, three, cancel, worker, mailbox, travel
):
    planned, told, rang = open_messages(), len(mailbox()), bell_lines(cast.asha)
    page = follow(client, cancel(*three))
    worker.drain()
    travel.forward(seconds=59)

    said = undo(client, page)
    worker.drain()
    travel.forward(minutes=5)
    worker.drain()

    assert "Undone: 3 classes are held after all, as before. Nobody was told." in said
    assert open_messages() == planned
    assert len(mailbox()) == told
    assert bell_lines(cast.asha) == rang
    for session in db.session.scalars(select(ClassSession)):
        assert not session.is_cancelled
        assert (session.cancelled_because, session.revision) == (None, 3)
        assert session.zoom_revision == 3  # Zoom was told that it is held as before
        assert session.zoom_join_url is not None
    deletes = [each for each in effects("zoom_meeting") if each.kind == "zoom.delete"]
    assert {each.state for each in deletes} == {"cancelled"}


def test_a_message_that_was_waiting_waits_again_after_undo(client, cast, three, cancel, worker):
    morning = clock.now() + timedelta(hours=8)
    transaction(
        plan, "class_renamed:waiting:email", kind="email", purpose="classes", cause=None,
        subject=three[0].subject, rule="class_renamed", people=[cast.asha.id],
        payload={"class_id": three[0].id}, due_at=morning,
    )  # fmt: skip
    page = follow(client, cancel(three[0]))
    assert [each.state for each in effects("class_renamed")] == ["cancelled"]

    undo(client, page)

    (waiting,) = effects("class_renamed")
    assert (waiting.state, waiting.due_at, waiting.reason) == ("planned", morning, None)


def test_a_class_whose_meeting_was_not_made_yet_gets_it_after_undo(client, cast, cancel, worker):
    session = cast.schedule("Week 9", hours=90)

    undo(client, follow(client, cancel(session)))
    worker.drain()

    db.session.refresh(session)
    assert session.zoom_meeting_id is not None
    assert session.zoom_revision == session.revision


def test_when_something_has_gone_nothing_comes_back_and_it_says_how_many(
    client, cast, three, cancel, worker, travel
):
    url = undo_url(follow(client, cancel(*three)))
    worker.drain()
    gone = effects("classes_cancelled")[0]
    gone.state = "sent"  # by a worker whose clock runs ahead
    db.session.commit()

    page = follow(client, client.post(url))

    assert "Nothing was undone: 1 of it had gone already" in flashed(page)
    assert all(each.is_cancelled for each in db.session.scalars(select(ClassSession)))
    assert {each.state for each in effects("classes_cancelled")} == {"sent", "planned"}


def test_a_form_that_is_sent_twice_cancels_once_and_undo_is_not_lost(client, three, cancel, travel):
    cancel(*three, submission="a" * 32)
    client.get("/admin/classes")  # the toast has been shown

    page = follow(client, cancel(*three, submission="a" * 32))

    assert "Choose classes" not in flashed(page)
    assert "3 classes were cancelled just now" in page.text
    assert "Vikram Rao did it" in page.text
    assert "Undone: 3 classes" in flashed(follow(client, client.post(notice_url(page))))


def test_the_way_back_stands_on_the_list_for_a_minute_and_until_it_is_used(
    client, three, cancel, travel
):
    cancel(three[0])
    client.get("/admin/classes")
    url = notice_url(client.get("/admin/classes"))
    client.post(url)
    assert "just now" not in client.get("/admin/classes").text

    db.session.expire_all()
    cancel(three[1])
    travel.forward(seconds=59)
    assert notice_url(client.get("/admin/classes")) != url
    travel.forward(seconds=1)

    assert "just now" not in client.get("/admin/classes").text


def test_a_class_that_was_just_changed_stops_all_of_them(client, cast, three, cancel):
    answer = cancel(*three, **{f"version-{three[1].id}": 7})

    assert answer.status_code == 409
    assert "“Week 2” was changed while you were here" in answer.text
    assert not any(each.is_cancelled for each in db.session.scalars(select(ClassSession)))


@pytest.fixture
def held_meanwhile(three, cancel, travel):
    """The first of them is held, `how` far, between the question and the answer."""

    def hold(how):
        first = three[0]
        db.session.refresh(first)
        travel.to(first.starts_at)
        zoom_live.start(first.zoom_meeting_id)
        travel.forward(minutes=40)
        if how == "over":
            zoom_live.end(first.zoom_meeting_id)

    return hold


@pytest.mark.parametrize(("how", "why"), [("live", "is live"), ("over", "was held already")])
def test_a_class_that_was_held_is_not_cancelled_by_a_form_that_was_shown_before(
    client, worker, three, cancel, held_meanwhile, how, why
):
    held_meanwhile(how)
    worker.drain()

    assert why in flashed(follow(client, cancel(three[0])))
    cancel(*three)
    db.session.expire_all()
    assert [each.is_cancelled for each in three] == [False, True, True]


def test_the_rule_is_asked_once_more_when_the_class_is_locked(
    client, worker, cast, three, held_meanwhile
):
    """Between reading the classes and cancelling them a webhook may come."""
    held_meanwhile("over")
    worker.drain()
    db.session.expire_all()

    with pytest.raises(undoable.CannotCancel):
        transaction(
            undoable.cancel_many, {each.id: each.revision for each in three}, "Ill", cast.admin
        )

    assert not any(each.is_cancelled for each in three)
