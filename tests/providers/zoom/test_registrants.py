"""Personal links at Zoom: registering, finding, coming in by them, and what Zoom says then."""

import pytest

from ffapp.core.outcomes import Refused
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire, wire_people
from ffapp.providers.zoom.simulator import live_meetings
from ffapp.providers.zoom.wire_people import NewRegistrant
from tests.providers.zoom.lab import HOST, a_class, deliver_due, journal
from tests.providers.zoom.test_meeting_pages import Page


@pytest.fixture
def meeting(zoom):
    return zoom.create_meeting(HOST, a_class(options=registering()))


def registering():
    return wire.MeetingOptions(approval_type=wire.REGISTRATION)


def people(*numbers):
    return [
        NewRegistrant(
            email=wire_people.registrant_address(number, "ff.test"), first_name=f"Asha {number}"
        )
        for number in numbers
    ]


def test_an_address_of_ours_carries_our_effect_id():
    address = wire_people.registrant_address(41, "ff.test")

    assert address == "join-41@ff.test"
    assert wire_people.effect_id_of_address(address) == "41"
    assert wire_people.effect_id_of_address("asha@students.example") is None


def test_many_are_registered_in_one_call_each_with_a_link_of_their_own(zoom, meeting):
    assert meeting.settings.asks_for_registration
    made = zoom.register(meeting.id, people(1, 2))

    assert [each.email for each in made] == ["join-1@ff.test", "join-2@ff.test"]
    assert len({each.join_url for each in made}) == len({each.registrant_id for each in made}) == 2
    assert len(journal("registrant.batch")) == 1
    assert [act.effect_id for act in journal("registrant.add")] == ["1", "2"]
    found = zoom.find_registrant(meeting.id, "JOIN-2@ff.test")
    assert (found.id, found.join_url) == (made[1].registrant_id, made[1].join_url)
    assert zoom.find_registrant(meeting.id, "join-3@ff.test") is None


def test_every_page_of_the_list_is_read(zoom, meeting, monkeypatch):
    monkeypatch.setattr(wire, "PAGE_SIZE", 2)
    zoom.register(meeting.id, people(*range(5)))

    assert zoom.find_registrant(meeting.id, "join-4@ff.test")
    assert len(journal("registrant.list")) == 3


def test_a_meeting_that_asks_for_no_registration_refuses_with_a_sentence(zoom, details):
    meeting = zoom.create_meeting(HOST, details)

    with pytest.raises(Refused, match="not registration required"):
        zoom.register(meeting.id, people(1))


def test_a_host_without_licence_cannot_ask_for_registration(zoom):
    meeting = zoom.create_meeting("norecording@school.test", a_class(options=registering()))

    assert not meeting.settings.asks_for_registration


def test_a_batch_is_taken_whole_or_not_at_all(api, meeting):
    path = f"meetings/{meeting.id}/batch_registrants"
    good = {"email": "a@ff.test", "first_name": "A"}
    for bad in ({"email": "no address", "first_name": "B"}, {"email": "b@ff.test"}):
        answer = api.post(path, json={"registrants": [good, bad]})
        assert (answer.status_code, answer.json()["code"]) == (400, 300)
    assert api.post(path, json={"registrants": [good] * 31}).status_code == 400
    assert api.get(f"meetings/{meeting.id}/registrants").json()["registrants"] == []


def test_cancelling_a_registration_twice_is_harmless(zoom, browser, meeting):
    first, second = zoom.register(meeting.id, people(1, 2))
    known = wire_people.KnownRegistrant(id=first.registrant_id, email=first.email)
    for _ in range(2):
        zoom.unregister(meeting.id, [known])

    assert Page(browser.get(first.join_url)).status == 404
    assert Page(browser.get(second.join_url)).state == "join"
    (left,) = zoom.registrants(meeting.id)
    assert (left.id, left.shown_as) == (second.registrant_id, "Asha 2")


def test_who_comes_by_their_link_is_named_in_the_webhooks_and_in_the_list(
    zoom, browser, meeting, receiver, business_clock
):
    (made,) = zoom.register(meeting.id, people(7))
    uuid = live_meetings.start(meeting.id)
    page = Page(browser.get(made.join_url))
    assert page.find("name").get("value") == "Asha 7"
    page = Page(browser.post(page.response.url, data={"act": "join", "name": "Asha 7"}))
    assert (page.state, page.people) == ("live", ["Educator", "Asha 7"])
    business_clock.forward(minutes=9)
    Page(browser.post(page.response.url, data={"act": "leave", "p": page.place}))
    live_meetings.end(meeting.id)
    deliver_due()

    for event in ("joined", "left"):
        posted = receiver.bodies(f"meeting.participant_{event}")
        mine = [each["payload"]["object"]["participant"] for each in posted]
        (told,) = [each for each in mine if each["user_name"] == "Asha 7"]
        assert told["registrant_id"] == made.registrant_id
        assert (told["id"], told["email"]) == ("", "join-7@ff.test")
    (listed,) = [each for each in zoom.past_participants(uuid) if each.name == "Asha 7"]
    assert (listed.registrant_id, listed.user_email) == (made.registrant_id, "join-7@ff.test")
    assert listed.leave_time > listed.join_time


def test_the_common_link_of_such_a_meeting_asks_to_register(browser, meeting):
    page = Page(browser.get(meeting.join_url))
    assert (page.state, page.acts) == ("register", {"register"})

    data = {"act": "register", "name": "Guest", "account": "guest@x.test"}
    page = Page(browser.post(page.response.url, data=data))

    assert page.state == "join"
    assert "/w/" in str(page.response.url)


def test_somebody_elses_token_opens_nothing(browser, zoom, meeting):
    other = zoom.create_meeting(HOST, a_class(2, options=registering()))
    (made,) = zoom.register(other.id, people(1))
    foreign = made.join_url.replace(str(other.id), str(meeting.id))

    assert Page(browser.get(foreign)).status == 404
    assert browser.post(foreign, data={"act": "join", "name": "A"}).status_code == 404


def test_who_is_signed_in_to_zoom_has_an_address_and_a_guest_has_none(
    zoom, browser, details, receiver
):
    meeting = zoom.create_meeting(HOST, details)
    live_meetings.start(meeting.id)
    for name, account in (("Signed in", "Asha@Students.example"), ("Guest", "")):
        page = Page(browser.get(meeting.join_url))
        browser.post(page.response.url, data={"act": "join", "name": name, "account": account})
    deliver_due()

    told = {
        each["payload"]["object"]["participant"]["user_name"]: each["payload"]["object"][
            "participant"
        ]
        for each in receiver.bodies("meeting.participant_joined")
    }
    assert told["Signed in"]["email"] == "asha@students.example"
    assert told["Signed in"]["id"]
    assert (told["Guest"]["id"], told["Guest"]["email"]) == ("", "")
    assert "registrant_id" not in told["Guest"]


def test_past_participants_by_every_shape_of_uuid_and_in_pages(zoom, monkeypatch, business_clock):
    monkeypatch.setattr(wire, "PAGE_SIZE", 2)
    for number in range(3):
        meeting = zoom.create_meeting(HOST, a_class(number))
        uuid = live_meetings.start(meeting.id)
        for name in ("Asha", "Asha", "Ravi"):
            live_meetings.join(meeting.id, name)
        business_clock.forward(minutes=10)
        live_meetings.end(meeting.id)

        found = list(zoom.past_participants(uuid))

        assert [each.name for each in found] == ["Educator", "Asha", "Asha", "Ravi"]
        assert all(each.was_in_meeting for each in found)
    assert len(journal("past.participants")) == 6


def test_until_zoom_has_counted_it_refuses(zoom, details, business_clock):
    meeting = zoom.create_meeting(HOST, details)
    uuid = live_meetings.start(meeting.id)
    live_meetings.join(meeting.id, "Asha")
    with pytest.raises(Refused) as refused:
        list(zoom.past_participants(uuid))
    assert refused.value.code == "3001", "it runs"

    live_meetings.end(meeting.id)
    store.set_switch("zoom", "participants_hidden", 1)
    with pytest.raises(Refused):
        list(zoom.past_participants(uuid))
    assert len(list(zoom.past_participants(uuid))) == 2


def test_time_in_the_waiting_room_is_not_time_in_the_meeting():
    row = {"name": "Asha", "user_id": "1", "status": "in_waiting_room"}

    assert not wire_people.PastParticipant.model_validate(row).was_in_meeting
