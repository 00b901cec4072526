"""Zoom's portal by hand: what a host changes there, and what Zoom posts of it."""

import pytest

from ffapp.providers.zoom.simulator import host_portal, live_meetings, state
from tests.providers.zoom.lab import HOST, a_class, deliver_due, hold
from tests.providers.zoom.test_meeting_pages import Page


@pytest.fixture
def see(browser):
    return lambda url: Page(browser.get(url))


@pytest.fixture
def do(browser):
    return lambda page, **form: Page(browser.post(page.response.url, data=form))


@pytest.fixture
def meeting(zoom):
    return zoom.create_meeting(HOST, a_class())


@pytest.fixture
def portal(meeting, zoom):
    """The meeting in the portal, as its host opens it."""
    return zoom.get_meeting(meeting.id).start_url.replace("/s/", "/portal/")


def test_a_host_moves_and_renames_a_meeting(see, do, portal, meeting, zoom, receiver):
    do(see(portal), act="save", topic="Moved", start="2027-01-05T10:00", duration="90")

    now = zoom.get_meeting(meeting.id)
    assert (now.topic, now.duration) == ("Moved", 90)
    assert f"{now.start_time:%Y-%m-%d %H:%M}" == "2027-01-05 04:30", "typed in the meeting's zone"
    deliver_due()
    (body,) = receiver.bodies("meeting.updated")
    assert body["payload"]["object"] == {
        "id": meeting.id,
        "topic": "Moved",
        "duration": 90,
        "start_time": "2027-01-05T04:30:00Z",
    }
    assert body["payload"]["old_object"]["topic"] == meeting.topic
    assert body["payload"]["operator"] == HOST


def test_saving_what_is_there_posts_nothing(see, do, portal, meeting, receiver):
    page = see(portal)
    same = {name: page.find(name).get("value") for name in ("topic", "start", "duration")}

    do(page, act="save", **same)

    deliver_due()
    assert not receiver.bodies("meeting.updated")


def test_a_new_passcode_makes_a_new_link(see, do, portal, meeting, zoom, receiver):
    do(see(portal), act="passcode")

    now = zoom.get_meeting(meeting.id)
    assert now.password != meeting.password
    assert now.join_url != meeting.join_url
    deliver_due()
    (body,) = receiver.bodies("meeting.updated")
    assert set(body["payload"]["object"]) == {"id", "password"}


def test_a_meeting_is_deleted_recovered_and_deleted_for_good(see, do, portal, meeting, receiver):
    page = do(see(portal), act="delete")
    assert (page.state, page.acts) == ("deleted", {"recover", "forget"})
    assert state.meeting(meeting.id) is None

    page = do(page, act="recover")
    assert page.state == "waiting"
    page = do(do(page, act="delete"), act="forget")
    assert page.state == "gone"
    assert see(portal).status == 403

    deliver_due()
    assert receiver.names() == [
        "meeting.created",
        "meeting.deleted",
        "meeting.recovered",
        "meeting.deleted",
        "meeting.permanently_deleted",
    ]


def test_a_running_meeting_is_not_deleted(see, do, portal, meeting):
    live_meetings.start(meeting.id)

    page = do(see(portal), act="delete")

    assert page.status == 422
    assert "in progress" in page.response.text


def test_a_recording_goes_to_the_trash_and_comes_back(see, do, zoom, receiver, portal, meeting):
    live_meetings.start(meeting.id)
    live_meetings.end(meeting.id)
    uuid = zoom.recordings_of_meeting(meeting.id).uuid

    page = do(see(portal), act="trash", uuid=uuid)
    assert zoom.recordings_of_meeting(meeting.id) is None
    assert page.acts >= {"untrash", "destroy"}
    do(page, act="untrash", uuid=uuid)
    assert zoom.recordings_of_meeting(meeting.id) is not None
    do(do(page, act="trash", uuid=uuid), act="destroy", uuid=uuid)

    deliver_due()
    assert receiver.names()[-4:] == [
        "recording.trashed",
        "recording.recovered",
        "recording.trashed",
        "recording.deleted",
    ]


def test_a_recording_of_another_meeting_is_left_alone(see, do, zoom, portal):
    other = hold(zoom, effect_id=2)
    uuid = zoom.recordings_of_meeting(other.id).uuid

    do(see(portal), act="trash", uuid=uuid)

    assert zoom.recordings_of_meeting(other.id) is not None


def test_the_key_opens_every_meeting_and_nothing_else_does(see, meeting, portal):
    base = portal.split("/portal/")[0]
    page = see(f"{base}/portal?key={host_portal.key()}")
    assert meeting.topic in page.response.text
    link = page.tree.find(".//ul[@class='list']//a").get("href")
    assert see(f"http://simulators.test{link}").state == "waiting"

    for closed in (f"{base}/portal", f"{base}/portal?key=x", f"{base}/portal/{meeting.id}?key=x"):
        assert see(closed).status == 403
