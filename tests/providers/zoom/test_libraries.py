"""Public Zoom libraries, unchanged, over a real socket."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from werkzeug.serving import make_server

from ffapp.core import clock, config
from ffapp.core.outcomes import Unclear
from ffapp.providers.simulating import store
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.simulator import live_meetings, state
from tests.providers.zoom.lab import HOST, a_class, fault, journal

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs


@pytest.fixture
def url(settings: config.Settings, wsgi: object) -> Iterator[str]:
    """Where the simulator listens."""
    server = make_server("127.0.0.1", 0, wsgi, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/zoom"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tomorrow() -> datetime:
    return clock.now().replace(microsecond=0) + timedelta(days=1)


def test_zoomus(url, settings, tomorrow):
    from zoomus import ZoomClient as Zoomus

    zoom = settings.providers["zoom"]
    client = Zoomus(
        zoom.client_id,
        zoom.client_secret,
        api_account_id=zoom.account_id,
        base_uri=f"{url}/v2",
        oauth_uri=f"{url}/oauth/token",
    )
    made = client.meeting.create(user_id=HOST, topic="T", type=2, start_time=tomorrow).json()
    assert datetime.fromisoformat(made["start_time"]) == tomorrow
    assert client.meeting.list(user_id=HOST).json()["meetings"][0]["id"] == made["id"]
    assert client.meeting.update(id=made["id"], topic="U").status_code == 204
    assert client.meeting.get(id=made["id"]).json()["topic"] == "U"
    assert client.user.get(id=HOST).json()["email"] == HOST

    client.meeting.update(id=made["id"], settings={"auto_recording": "cloud"})
    for _ in range(3):  # each shape of UUID
        uuid = live_meetings.start(made["id"])
        live_meetings.end(made["id"])
        assert client.past_meeting.get(meeting_id=uuid).json()["uuid"] == uuid
    listed = client.recording.list(
        user_id=HOST, start=clock.now(), end=clock.now() + timedelta(days=1)
    ).json()
    assert {each["id"] for each in listed["meetings"]} == {made["id"]}
    found = client.recording.get(meeting_id=made["id"]).json()
    assert len(found["recording_files"]) == 4
    assert client.meeting.delete(id=made["id"]).status_code == 204


def test_pyzoom(url, zoom, settings, tomorrow):
    from pyzoom import ZoomClient as Pyzoom

    zoom.check()
    client = Pyzoom(zoom._session.shared_token.get().text, base_url=f"{url}/v2")
    start = (tomorrow + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S")
    made = client.meetings.create_meeting(
        "T", start_time=start, duration_min=45, timezone="Asia/Kolkata"
    )
    assert datetime.fromisoformat(made.start_time) == tomorrow
    assert client.meetings.get_meeting(made.id).duration == 45
    assert [each.id for each in client.meetings.list_meetings().meetings] == [made.id]
    owner = settings.providers["zoom"].host_email
    for _ in range(2):
        client.meetings.create_meeting("U", start_time=start, duration_min=45)
    pages = client.raw.get_all_pages(f"/users/{owner}/meetings", {"page_size": 2})
    assert len(pages["meetings"]) == 3
    assert client.meetings.delete_meeting(made.id)


def test_zoom_python_client(url, settings, monkeypatch, tomorrow):
    from zoom_python_client.zoom_api_client import ZoomApiClient
    from zoom_python_client.zoom_auth_api.zoom_auth_api_client import ZoomAuthApiClient

    zoom = settings.providers["zoom"]
    monkeypatch.setattr(ZoomAuthApiClient, "oauth_base_url", f"{url}/oauth")
    # It keeps its token in the environment.
    monkeypatch.setenv("ZOOM_ACCESS_TOKEN", "")
    monkeypatch.setenv("ZOOM_ACCESS_TOKEN_EXPIRE", "")
    client = ZoomApiClient(
        zoom.account_id, zoom.client_id, zoom.client_secret, api_endpoint=f"{url}/v2"
    )
    assert client.users.get_user(HOST)["email"] == HOST
    body = json.dumps({"topic": "T", "start_time": tomorrow.strftime("%Y-%m-%dT%H:%M:%SZ")})
    made = client.make_post_request("/users/me/meetings", data=body).json()
    listed = client.users.get_user_meetings("me", {"page_size": 30, "type": "scheduled"})
    assert [each["id"] for each in listed["meetings"]] == [made["id"]]
    assert client.meetings.get_meeting(str(made["id"]))["topic"] == "T"
    # A token that was refused is fetched anew, once.
    store.set_switch("zoom", "single_active_token", True)
    store.put("zoom", "active token", "latest", {"token": "another"})
    assert client.users.get_user(HOST)["email"] == HOST
    assert len(journal("token")) == 2


def test_our_own_client_over_the_socket(url, settings):
    zoom = settings.providers["zoom"].changed(base_url=f"{url}/v2", token_url=f"{url}/oauth/token")
    client = ZoomClient(zoom)
    meeting = client.create_meeting(HOST, a_class())
    assert meeting.join_url.startswith(f"{url}/j/{meeting.id}?pwd=")
    for _ in range(3):
        uuid = live_meetings.start(meeting.id)
        live_meetings.end(meeting.id)
        assert client.recordings_of_meeting(uuid).uuid == uuid
    assert state.instances_of(meeting.id)[0]["number"] == 1


def test_each_broken_connection_over_the_socket(url, settings):
    zoom = settings.providers["zoom"].changed(base_url=f"{url}/v2", token_url=f"{url}/oauth/token")
    client = ZoomClient(zoom)
    client.check()
    config.use(settings.changed(provider_deadline_seconds=0.5))
    for number, kind in enumerate(("drop_before", "drop_after", "slow_after")):
        fault(kind, seconds=1, method="POST", times=1)
        with pytest.raises(Unclear):
            client.create_meeting(HOST, a_class(number))
    config.use(settings)
    found = [client.find_meeting(HOST, f"[ff:{number}]") for number in range(3)]
    assert [each is not None for each in found] == [False, True, True]
