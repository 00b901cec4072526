"""The pages of the browser: who joins, who hosts, who watches a recording."""

import re
from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest

from ffapp.providers.zoom.simulator import live_meetings, state
from tests.providers.zoom.lab import HOST, a_class, deliver_due, hold, throw_away_recording


class Page:
    """What a person sees: the state, the texts, the buttons."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        self.tree = parser.parse(response.text)

    def find(self, name):
        return self.tree.find(f".//*[@id='{name}']")

    @property
    def state(self):
        return self.find("room-state").get("data-state")

    @property
    def people(self):
        found = self.tree.iterfind(".//li[@data-participant]")
        return [each.get("data-participant") for each in found]

    @property
    def acts(self):
        return {each.get("data-act") for each in self.tree.iterfind(".//button[@data-act]")}

    @property
    def place(self):
        """The key in the address once somebody has joined."""
        return parse_qs(urlsplit(str(self.response.url)).query)["p"][0]


@pytest.fixture
def see(browser):
    return lambda url: Page(browser.get(url))


@pytest.fixture
def do(browser):
    return lambda page, **form: Page(browser.post(page.response.url, data=form))


@pytest.fixture
def meeting(zoom):
    return zoom.create_meeting(HOST, a_class())


def test_a_student_waits_comes_in_leaves_and_comes_back(see, do, meeting, zoom):
    page = see(f"{meeting.join_url}&uname=Asha+R")
    assert (page.status, page.state, page.acts) == (200, "join", {"join"})
    assert page.find("room-title").text == meeting.topic
    assert page.find("name").get("value") == "Asha R"

    page = do(page, act="join", name="Asha R")
    assert (page.state, page.acts) == ("waiting", {"leave"})
    assert see(page.response.url).state == "waiting"

    host = see(zoom.get_meeting(meeting.id).start_url)
    assert (host.state, host.acts) == ("waiting", {"start"})
    assert host.find("waiting").get("data-count") == "1"
    host = do(host, act="start")
    assert host.state == "live"

    page = see(page.response.url)
    assert (page.state, page.people) == ("live", ["Educator", "Asha R"])
    assert page.find("recording") is not None
    page = do(page, act="leave", p=page.place)
    assert (page.state, page.find("name").get("value")) == ("left", "Asha R")
    page = do(page, act="join", name="Asha R")
    assert (page.state, page.people) == ("live", ["Educator", "Asha R"])


def test_the_host_records_and_ends(see, do, meeting, zoom, receiver):
    student = do(see(meeting.join_url), act="join", name="Asha")
    host = do(see(zoom.get_meeting(meeting.id).start_url), act="start")
    student = see(student.response.url)
    assert host.acts == {"record-stop", "end"}
    host = do(host, act="record-stop")
    assert (host.acts, host.find("recording")) == ({"record-start", "end"}, None)
    host = do(host, act="record-start")
    host = do(host, act="end")
    assert (host.state, host.acts) == ("ended", {"start"})
    assert see(student.response.url).state == "ended"
    deliver_due()
    assert receiver.names()[-6:] == [
        "recording.stopped",
        "meeting.participant_left",
        "meeting.participant_left",
        "meeting.ended",
        "recording.completed",
        "recording.transcript_completed",
    ]
    assert len(zoom.recordings_of_meeting(meeting.id).recording_files) == 8


def test_a_wrong_passcode_is_told_and_the_short_one_may_be_typed(see, meeting):
    link, _, _ = meeting.join_url.partition("?")
    asked = see(link)
    assert (asked.status, asked.state) == (403, "wrong-passcode")
    assert "Passcode wrong" not in asked.response.text
    wrong = see(f"{link}?pwd=nonsense")
    assert (wrong.status, wrong.state) == (403, "wrong-passcode")
    assert "Passcode wrong" in wrong.response.text
    assert see(f"{link}?pwd={meeting.password}").state == "join"


def test_unknown_meetings_and_recordings_are_404_pages(see, zoom, meeting):
    zoom.delete_meeting(meeting.id)
    gone = see(meeting.join_url)
    assert (gone.status, gone.state) == (404, "gone")
    base = meeting.join_url.split("/j/")[0]
    assert see(f"{base}/nothing").status == 404
    assert see(f"{base}/rec/play/nonsense").status == 404
    assert see(f"{base}/rec/play/é").status == 404


def test_start_links_open_one_meeting_for_two_hours(see, do, zoom, meeting, monkeypatch):
    link = zoom.get_meeting(meeting.id).start_url
    other = zoom.create_meeting(HOST, a_class(2))
    stolen = link.replace(str(meeting.id), str(other.id))
    assert (see(stolen).status, see(stolen).state) == (403, "expired")
    assert do(see(stolen), act="start").status == 403
    assert see(link.partition("?")[0]).status == 403
    monkeypatch.setattr("ffapp.providers.zoom.simulator.meeting_pages.START_LINK_SECONDS", -1)
    assert see(link).state == "expired"
    live_meetings.start(meeting.id)
    assert see(link).state == "live"


def test_nobody_takes_the_place_of_another_meeting(see, do, zoom, meeting):
    other = zoom.create_meeting(HOST, a_class(2))
    page = do(see(other.join_url), act="join", name="Asha")
    assert see(f"{meeting.join_url}&p={page.place}").state == "join"
    assert see(f"{meeting.join_url}&p=nonsense").state == "join"


def test_pages_are_strict(see, browser, meeting):
    base = meeting.join_url.partition("/j/")[0]
    page = see(meeting.join_url)
    policy = page.response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|style=|<script>|onclick", page.response.text)
    for name in ("zoom.css", "zoom.js"):
        found = browser.get(f"{base}/static/{name}")
        assert found.status_code == 200


def test_a_recording_is_watched_with_its_passcode(see, zoom):
    held = hold(zoom)
    found = zoom.recordings_of_meeting(held.id)
    url = found.recording_files[0].play_url
    asked = see(url)
    assert (asked.status, asked.state) == (403, "wrong-passcode")
    assert "wrong" in see(f"{url}?pwd=x").response.text
    page = see(f"{url}?pwd={found.recording_play_passcode}")
    assert (page.status, page.state) == (200, "watching")
    assert f"You are watching the recording of {held.topic}" in page.response.text
    assert see(f"{url}?pwd={found.password}").state == "watching"


def test_a_trashed_recording_is_gone(see, zoom):
    held = hold(zoom)
    url = zoom.recordings_of_meeting(held.id).recording_files[0].play_url
    throw_away_recording(held)
    page = see(url)
    assert (page.status, page.state) == (404, "gone")


def test_a_recording_that_is_processed_says_so(see, zoom, api, meeting):
    live_meetings.start(meeting.id)
    (found,) = api.get(f"users/{HOST}/recordings").json()["meetings"]
    page = see(found["recording_files"][0]["play_url"])
    assert page.state == "processing"
    assert state.instance(found["uuid"])
