"""Whatever tells somebody can be undone for a minute, from the toast and from the page."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, change
from ffapp.core.db import db, transaction
from ffapp.meetings.models import PersonalLink
from ffapp.people.address import find_by_email
from ffapp.people.change import change_person
from ffapp.programme.cohorts import create_cohort, enrolled_count
from ffapp.programme.enrol import enrol, enrolment_of
from ffapp.providers.simulating import store
from tests.browse import flashed
from tests.cast import HOST
from tests.web.admin.bulk import bell_lines, follow, notice_url, open_messages, undo
from tests.web.admin.looking import hidden
from tests.web.admin.test_recordings import held, recorded, video_of

pytestmark = pytest.mark.usefixtures("travel")


@pytest.fixture
def session(cast, worker):
    """A class with its meeting, of which everybody has been told."""
    session = cast.schedule("Pricing", hours=50)
    worker.drain()
    db.session.refresh(session)
    return session


@pytest.fixture
def edit(client, session):
    """Save the class with an hour later, another title, or whatever is different."""

    def edit(**changes):
        path = f"/admin/classes/{session.id}/edit"
        form = client.get(path)
        starts = session.starts_at.astimezone() + timedelta(hours=5, minutes=30)
        data = {
            "title": "Pricing",
            "description": session.description,
            "day": starts.date().isoformat(),
            "at": f"{starts:%H:%M}",
            "minutes": "60",
            "host": HOST,
            "revision": hidden(form, "revision"),
            "submission": hidden(form, "submission"),
            "confirmed": "",
            **changes,
        }
        answer = client.post(path, data=data)
        if answer.status_code == 422:  # the hour is questioned
            anyway = re.search(r'name="confirmed" value="(\w+)"', answer.text)[1]
            answer = client.post(path, data={**data, "confirmed": anyway})
        return follow(client, answer)

    return edit


def wait_and_see(worker, travel, mailbox):
    """What goes out in the next minutes."""
    before = len(mailbox())
    travel.forward(minutes=5)
    worker.drain()
    return mailbox()[before:]


def test_a_class_that_is_moved_tells_nobody_for_a_minute_and_comes_back(
    client, cast, session, edit, worker, mailbox, travel
):
    starts_at, planned, rang = session.starts_at, open_messages(), bell_lines(cast.asha)
    meeting = session.zoom_meeting_id
    sent = len(mailbox())
    page = edit(minutes="90")
    worker.drain()
    assert "Students are told in a minute." in flashed(page)
    assert len(mailbox()) == sent
    assert "The class was moved just now" in client.get(f"/admin/classes/{session.id}").text

    said = undo(client, page)

    assert "Undone: 1 class is as before. Nobody was told." in said
    worker.drain()
    db.session.refresh(session)
    assert (session.starts_at, session.duration_minutes) == (starts_at, 60)
    assert wait_and_see(worker, travel, mailbox) == []
    assert open_messages() == planned
    assert bell_lines(cast.asha) == rang
    (at_zoom,) = store.find("zoom", "meeting", id=meeting)
    assert at_zoom["duration"] == 60
    assert "made “Pricing” what it was before" in client.get(f"/admin/classes/{session.id}").text


def test_a_move_that_is_not_undone_is_told_after_a_minute(
    cast, session, edit, worker, mailbox, travel
):
    edit(minutes="90")
    worker.drain()

    told = wait_and_see(worker, travel, mailbox)

    assert {mail["to"] for mail in told} == {cast.asha.email, cast.ravi.email}
    assert all("Pricing" in mail["subject"] for mail in told)
    (at_zoom,) = store.find("zoom", "meeting", id=session.zoom_meeting_id)
    assert at_zoom["duration"] == 90


def test_a_class_that_was_changed_again_is_not_undone(client, cast, session, edit, worker):
    page = edit(title="Value")
    db.session.refresh(session)
    wanted = Plan("Worth", session.description, session.starts_at, 60, HOST)
    transaction(change, session, wanted, session.revision, cast.ravi)

    assert "was changed again, so it cannot be undone" in undo(client, page)

    db.session.refresh(session)
    assert session.title == "Worth"


def test_one_class_that_is_cancelled_comes_back_from_its_own_page(
    client, cast, session, worker, mailbox, travel
):
    planned = open_messages()
    path = f"/admin/classes/{session.id}"
    version = {f"version-{session.id}": session.revision}
    data = {"id": session.id, "because": "Ill", **version}
    client.post("/admin/classes/cancellations", data=data)
    worker.drain()
    page = client.get(path)
    assert "1 class was cancelled just now" in page.text

    said = flashed(follow(client, client.post(notice_url(page), data={"next": path})))

    worker.drain()
    assert "1 class is held after all, as before" in said
    assert wait_and_see(worker, travel, mailbox) == []
    assert open_messages() == planned
    assert not db.session.get_one(ClassSession, session.id).is_cancelled


@pytest.mark.parametrize("visible", [False, True])
def test_showing_and_hiding_a_recording_can_be_undone(
    client, cast, worker, mailbox, travel, visible
):
    session = recorded(held(cast.schedule()))
    video = video_of(session)
    video.visible = not visible
    db.session.commit()
    worker.drain()
    address = f"/admin/recordings/{video.id}/visibility"

    page = follow(client, client.post(address, data={"visible": int(visible)}))
    worker.drain()
    db.session.refresh(video)
    assert video.visible is visible
    said = undo(client, page)

    assert "Undone: 1 recording is seen as before." in said
    db.session.refresh(video)
    assert video.visible is not visible
    worker.drain()
    assert wait_and_see(worker, travel, mailbox) == []


def test_the_card_of_the_recordings_offers_the_undo_in_place(client, cast):
    session = recorded(held(cast.schedule()))
    video = video_of(session)
    headers = {"HX-Request": "true", "HX-Target": "recordings-card"}
    address = f"/admin/recordings/{video.id}/visibility"

    card = client.post(address, data={"visible": "0"}, headers=headers).text

    assert "A recording was hidden just now" in card


def test_a_student_who_is_withdrawn_by_mistake_keeps_link_and_messages(
    client, cast, session, worker, mailbox, travel
):
    planned = open_messages()
    url = f"/admin/cohorts/{cast.cohort.id}"
    page = follow(client, client.post(f"{url}/withdrawals", data={"person_id": cast.asha.id}))
    worker.drain()

    assert "1 student has the place as before. Nobody was told." in undo(client, page)

    worker.drain()
    assert wait_and_see(worker, travel, mailbox) == []
    assert open_messages() == planned
    assert enrolment_of(cast.cohort, cast.asha).is_active
    link = select(PersonalLink).where(PersonalLink.person_id == cast.asha.id)
    assert db.session.scalars(link).one().ended_at is None


def invite_zoya(client, cast):
    """The page after a student was invited by the form."""
    data = {"name": "Zoya Khan", "email": "zoya@students.example", "guardian_name": "Sunita Khan"}
    url = f"/admin/cohorts/{cast.cohort.id}/invitations/new"
    return follow(client, client.post(url, data={**data, "said": "agreed", "proof": "A letter"}))


def test_a_student_who_is_invited_by_mistake_is_gone_and_was_never_told(
    client, cast, session, worker, mailbox, travel
):
    page = invite_zoya(client, cast)
    worker.drain()
    assert mailbox("zoya@students.example") == []
    links = select(PersonalLink.person_id).where(PersonalLink.session_id == session.id)
    assert len(db.session.scalars(links).all()) == 3, "Zoom does not know her yet either"

    assert "Undone: 1 student is removed. Nobody was told." in undo(client, page)

    assert wait_and_see(worker, travel, mailbox) == []
    assert find_by_email("zoya@students.example") is None
    assert enrolled_count(cast.cohort) == 3


def test_a_student_who_has_come_by_then_is_not_removed(client, cast, worker, travel):
    page = invite_zoya(client, cast)
    worker.drain()
    zoya = find_by_email("zoya@students.example")
    dates = {"starts_on": cast.cohort.starts_on, "ends_on": cast.cohort.ends_on}
    another = create_cohort(name="S", seats=9, time_zone="Asia/Kolkata", by=cast.admin, **dates)
    transaction(enrol, another, zoya, cast.admin)

    assert "Zoya Khan has other records by now" in undo(client, page)

    assert enrolment_of(cast.cohort, zoya).is_active


def test_a_student_who_was_told_at_another_address_meanwhile_is_not_removed(
    client, cast, worker, travel, mailbox
):
    page = invite_zoya(client, cast)
    zoya = find_by_email("zoya@students.example")
    facts = {"name": zoya.name, "phone": zoya.phone, "born_on": None, "by": cast.admin}
    transaction(change_person, zoya, revision=1, email="zoe@students.example", **facts)
    worker.drain()
    assert len(mailbox("zoe@students.example")) == 1

    assert "Nothing was undone" in undo(client, page)

    assert find_by_email("zoe@students.example") is not None


def test_the_confirmations_have_addresses_that_survive_a_reload(client, cast, session):
    enrol = f"/admin/cohorts/{cast.cohort.id}/enrolments/several?id={cast.tara.id}"
    for address, words in (
        (f"{enrol}&id={cast.asha.id}", ("Enrol Tara Bose in Winter 2026", "Asha Rao")),
        (f"/admin/classes/cancellations?id={session.id}", ("Cancel Pricing", "Cancel class")),
        (f"/admin/announcements/new?id={cast.asha.id}", ("Write to Asha Rao",)),
    ):
        for _ in range(2):
            text = client.get(address).text
            assert [word for word in words if word not in text] == []
    assert "“Asha Rao” is enrolled here already." in client.get(f"{enrol}&id={cast.asha.id}").text
