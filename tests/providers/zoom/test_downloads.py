"""Transcripts: when Zoom has written them, and who may download them."""

import httpx
import pytest

from ffapp.core import config
from ffapp.core.outcomes import Refused, Unavailable
from ffapp.providers.simulating import store
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.simulator import live_meetings, state
from tests.providers.zoom.lab import HOST, a_class, deliver_due, hold, journal


def transcript_of(zoom, meeting):
    found = zoom.recordings_of_meeting(meeting.id)
    (file,) = [each for each in found.recording_files if each.file_type == "TRANSCRIPT"]
    return file


def test_the_transcript_comes_later_than_the_video(zoom, receiver, settings, business_clock):
    config.use(settings.changed(simulator_speed=1))
    meeting = zoom.create_meeting(HOST, a_class())
    live_meetings.start(meeting.id)
    business_clock.forward(minutes=30)
    live_meetings.end(meeting.id)
    seen = []
    for _ in range(40):
        business_clock.forward(minutes=4)
        deliver_due()
        found = zoom.recordings_of_meeting(meeting.id)
        types = [each.file_type for each in found.recording_files] if found else []
        seen.append(("MP4" in types, "TRANSCRIPT" in types))

    assert (True, False) in seen, "the video is there first"
    assert seen[-1] == (True, True)
    assert receiver.names()[-2:] == ["recording.completed", "recording.transcript_completed"]
    (completed,) = receiver.bodies("recording.completed")
    (written,) = receiver.bodies("recording.transcript_completed")
    (file,) = written["payload"]["object"]["recording_files"]
    assert file["recording_type"] == "audio_transcript"
    assert "TRANSCRIPT" not in str(completed)


def test_the_client_reads_it_and_it_is_as_long_as_zoom_says(zoom):
    meeting = zoom.create_meeting(HOST, a_class())
    live_meetings.start(meeting.id)
    live_meetings.leave(live_meetings.join(meeting.id, "Asha Rao"))
    live_meetings.end(meeting.id)
    file = transcript_of(zoom, meeting)

    text = zoom.read_file(file.download_url)

    assert text.startswith("WEBVTT\n\n1\n00:00:00.000 --> ")
    assert "Educator: Good evening" in text
    assert "Asha Rao: Yes" in text
    assert len(text.encode()) == file.file_size


def test_without_a_token_there_is_a_page_and_no_error(zoom, browser):
    file = transcript_of(zoom, hold(zoom))

    answer = browser.get(file.download_url)

    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")


def test_a_token_that_has_died_is_renewed_once(zoom):
    file = transcript_of(zoom, hold(zoom))
    for token in store.find("zoom", "token"):
        assert token
    with store.open_store().connect() as connection:
        connection.exec_driver_sql("DELETE FROM simulator.things WHERE kind = 'token'")

    assert zoom.read_file(file.download_url).startswith("WEBVTT")
    assert len(journal("token")) == 2


def test_a_page_instead_of_the_file_is_for_later(zoom):
    file = transcript_of(zoom, hold(zoom))
    state.edit_instance(
        zoom.recordings_of_meeting(file.id and file.meeting_id).uuid,
        lambda found: found.update(trash_state="trashed"),
    )

    with pytest.raises(Unavailable, match="answers with a page"):
        zoom.read_file(file.download_url)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/rec/download/x",
        "http://simulators.test.evil.example/rec/download/x",
        "https://simulators.test/zoom/rec/download/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_goes_nowhere_but_to_zoom(zoom, url):
    with pytest.raises(Refused, match="not its own"):
        zoom.read_file(url)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://us06web.zoom.us/rec/download/x", True),
        ("https://zoom.us/rec/download/x", True),
        ("https://school.zoom.us/rec/download/x", True),
        ("http://us06web.zoom.us/rec/download/x", False),
        ("https://zoom.us.evil.example/rec/download/x", False),
        ("https://evilzoom.us/rec/download/x", False),
    ],
)
def test_of_the_real_zoom_every_host_below_its_domain_is_its_own(settings, url, asked):
    calls = []

    def answer(request):
        calls.append(request)
        token = {"access_token": "t", "expires_in": 3600, "scope": ""}
        is_token = request.url.path == "/oauth/token"
        return httpx.Response(200, json=token) if is_token else httpx.Response(200, text="WEBVTT")

    real = settings.providers["zoom"].changed(
        simulated=False,
        client_id="real-for-this-test",
        token_url="https://zoom.us/oauth/token",
        base_url="https://api.zoom.us/v2",
    )
    client = ZoomClient(real, httpx.MockTransport(answer))

    if asked:
        assert client.read_file(url) == "WEBVTT"
        assert calls[-1].headers["Authorization"] == "Bearer t"
    else:
        with pytest.raises(Refused):
            client.read_file(url)
        assert not calls


def test_the_token_is_left_behind_when_zoom_sends_on(settings):
    seen = []

    def answer(request):
        seen.append((request.url.host, request.headers.get("Authorization")))
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600, "scope": ""})
        if request.url.host == "us06web.zoom.us":
            return httpx.Response(302, headers={"Location": "https://cdn.example/x"})
        return httpx.Response(200, text="WEBVTT")

    real = settings.providers["zoom"].changed(
        simulated=False,
        client_id="real-for-another-test",
        token_url="https://zoom.us/oauth/token",
        base_url="https://api.zoom.us/v2",
    )
    client = ZoomClient(real, httpx.MockTransport(answer))

    assert client.read_file("https://us06web.zoom.us/rec/download/x") == "WEBVTT"
    assert seen[1:] == [("us06web.zoom.us", "Bearer t"), ("cdn.example", None)]


# ── every file, and the tokens that open it


@pytest.fixture
def files(zoom, receiver, business_clock):
    meeting = zoom.create_meeting(HOST, a_class())
    live_meetings.start(meeting.id)
    business_clock.forward(seconds=6)
    live_meetings.end(meeting.id)
    deliver_due()
    return zoom.recordings_of_meeting(meeting.id).recording_files


def test_every_file_is_as_long_as_zoom_says(api, files):
    assert {each.file_type for each in files} == {"MP4", "M4A", "TIMELINE", "TRANSCRIPT"}
    assert len({each.download_url for each in files}) == len(files)
    for each in files:
        first = api.get(each.download_url, follow_redirects=False)
        assert first.status_code == 302
        answer = api.get(first.headers["location"], headers={"Authorization": ""})
        assert answer.status_code == 200
        assert len(answer.content) == each.file_size == int(answer.headers["content-length"])
        if each.file_type == "MP4":
            assert (answer.content[4:12], each.file_size > 500_000) == (b"ftypmp42", True)


def test_tokens_that_open_a_file(api, browser, files, receiver):
    access = api.headers["Authorization"].removeprefix("Bearer ")
    (completed,) = receiver.bodies("recording.completed")
    url = files[0].download_url
    for token in (access, completed["download_token"]):
        assert browser.get(f"{url}?access_token={token}").headers["content-type"] == "video/mp4"
        bearer = {"Authorization": f"Bearer {token}"}
        assert browser.get(url, headers=bearer).headers["content-type"] == "video/mp4"
    assert browser.get(f"{url}?access_token=x").headers["content-type"][:9] == "text/html"
    store.set_switch("zoom", "no_query_token", True)
    assert browser.get(f"{url}?access_token={access}").headers["content-type"][:9] == "text/html"


def test_the_link_to_the_whole_recording_leads_to_its_video(api, browser, zoom, files):
    (listed,) = api.get(f"users/{HOST}/recordings").json()["meetings"]
    page = browser.get(f"{listed['share_url']}?pwd={listed['recording_play_passcode']}")
    assert page.status_code == 200
    assert "/rec/play/" in str(page.url)
