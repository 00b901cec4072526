"""The simulated API as others see it: token endpoint, headers, refusals, fields, pages."""

import pytest

from ffapp.providers.simulating import store
from tests.providers.zoom.lab import HOST, fetch_token, journal

MEETINGS = f"users/{HOST}/meetings"


def test_the_token_by_form_and_by_query(api, settings):
    zoom = settings.providers["zoom"]
    by_form = fetch_token(api, settings)
    assert (by_form["token_type"], by_form["expires_in"]) == ("bearer", 3600)
    assert zoom.base_url == by_form["api_url"] + "/v2"

    query = {"grant_type": "account_credentials", "account_id": zoom.account_id}
    by_query = api.post(
        zoom.token_url,
        params=query,
        auth=(zoom.client_id, zoom.client_secret),
        headers={"Content-Type": "application/json"},
    )
    assert by_query.json()["access_token"]


@pytest.mark.parametrize(
    ("form", "auth", "error"),
    [
        ({}, ("wrong", "wrong"), "invalid_client"),
        ({"grant_type": "client_credentials"}, None, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, None, "unsupported_grant_type"),
        ({"account_id": "wrong"}, None, "invalid_request"),
    ],
)
def test_the_token_endpoint_refuses(api, settings, form, auth, error):
    zoom = settings.providers["zoom"]
    asked = {"grant_type": "account_credentials", "account_id": zoom.account_id, **form}
    auth = auth or (zoom.client_id, zoom.client_secret)
    answer = api.post(zoom.token_url, data=asked, auth=auth)
    assert answer.status_code == 400
    assert answer.json()["error"] == error


def test_expired_and_unknown_tokens_are_refused(api, settings):
    store.set_switch("zoom", "expires_in", -1)
    old = fetch_token(api, settings)["access_token"]
    for headers, message in [
        ({"Authorization": f"Bearer {old}"}, "Access token is expired."),
        ({"Authorization": "Bearer nonsense"}, "Invalid access token."),
        ({"Authorization": ""}, "Requires an access token."),
    ]:
        answer = api.get("users/me", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, 124)
        assert answer.json()["message"] == message
    assert api.get(f"users/me?access_token={old}", headers={"Authorization": ""}).is_error


def test_the_body_of_a_meeting(api):
    made = api.post(MEETINGS, json={"topic": "T"})
    assert made.status_code == 201
    body = made.json()
    assert (len(body["host_id"]), len(body["uuid"])) == (22, 24)
    assert 10**10 <= body["id"] < 10**11
    assert body["join_url"].endswith(f"?pwd={body['encrypted_password']}")
    assert body["settings"]["auto_recording"] == "none"
    # The user's id finds the same host.
    assert api.get(f"users/{body['host_id']}").json()["email"] == HOST


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"start_time": "2026-12-02T04:30:00", "timezone": "Asia/Kolkata"}, "2026-12-01T23:00"),
        ({"start_time": "2026-12-02T10:00:00+05:30"}, "2026-12-02T04:30"),
        ({}, "2026-12-01T04:30"),
    ],
)
def test_when_a_meeting_starts(api, business_clock, asked, expected):
    made = api.post(MEETINGS, json={"topic": "T", **asked}).json()
    assert made["start_time"] == f"{expected}:00Z"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"topic": "x" * 201}, "topic"),
        ({"agenda": "x" * 2001}, "agenda"),
        ({"password": "12345678901"}, "password"),
        ({"duration": 0}, "duration"),
        ({"duration": "long"}, "duration"),
        ({"start_time": "soon"}, "start_time"),
    ],
)
def test_fields_that_are_refused_are_named(api, asked, field):
    answer = api.post(MEETINGS, json={"topic": "T", **asked})
    assert answer.status_code == 400
    assert answer.json()["code"] == 300
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_fields_that_zoom_does_not_take_are_ignored(api, business_clock):
    made = api.post(MEETINGS, json={"topic": "T", "start_time": "2026-12-09T04:30:00Z"}).json()
    path = f"meetings/{made['id']}"
    settings = {"auto_recording": "tape", "waiting_room": True, "join_before_host": True}
    assert api.patch(path, json={"start_time": "2020-01-01T00:00:00Z"}).status_code == 204
    assert api.patch(path, json={"settings": settings}).status_code == 204
    assert api.patch(path, json={"settings": {}}).status_code == 204
    now = api.get(path).json()
    assert now["start_time"] == made["start_time"]
    assert now["settings"]["auto_recording"] == "none"
    assert (now["settings"]["waiting_room"], now["settings"]["join_before_host"]) == (True, False)

    api.patch(path, json={"password": "new1"})
    assert api.get(path).json()["join_url"] != made["join_url"]


def test_the_journal_records_every_call(api):
    made = api.post(MEETINGS, json={"topic": "T", "agenda": "[ff:9] x"}).json()
    path = f"meetings/{made['id']}"
    api.patch(path, json={"topic": "U"})
    api.get(path)
    api.delete(path)
    api.get(path)
    acts = [(act.act, act.effect_id, act.status) for act in journal()]
    assert acts == [
        ("token", None, 200),
        ("meeting.create", "9", 201),
        ("meeting.update", "9", 204),
        ("meeting.get", "9", 200),
        ("meeting.delete", "9", 204),
        ("meeting.get", None, 404),
    ]
    assert all(act.facts["meeting_id"] for act in journal()[1:5])
