"""Every way in which Zoom says no, or says nothing, and what the client makes of it."""

from datetime import UTC, datetime

import httpx
import pytest

from ffapp.core import clock
from ffapp.core.outcomes import Refused, Unavailable, Unclear
from ffapp.providers.simulating import store
from ffapp.providers.zoom import errors
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.errors import Act
from ffapp.providers.zoom.simulator import live_meetings
from tests.providers.zoom.lab import HOST, a_class, fault, hold, journal

CREATING = Act("create the meeting", HOST, repeatable=False, changes_host=HOST)
READING = Act("show the meeting", "meeting 5", repeatable=True)


@pytest.mark.parametrize(
    ("host", "status", "code", "words"),
    [
        ("nobody@school.test", 404, "1001", "Zoom has no user nobody@school.test"),
        ("elsewhere@school.test", 400, "1010", "belongs to another Zoom account"),
        ("pending@school.test", 400, "1008", "has not activated"),
        ("invited@school.test", 400, "1120", "has not accepted Zoom's invitation"),
        ("unlicensed@school.test", 400, "3161", "Give this user a Zoom licence"),
        ("missing-scope@school.test", 400, "4711", "scope meeting:write:meeting:admin. Add it"),
    ],
)
def test_hosts_who_cannot_have_meetings(zoom, details, host, status, code, words):
    with pytest.raises(Refused) as refused:
        zoom.create_meeting(host, details)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert words in refused.value.reason
    assert "press Retry" in refused.value.reason
    assert journal("meeting.create")[-1].status == status


def next_midnight() -> datetime:
    tomorrow = clock.wall().date().toordinal() + 1
    return datetime.combine(datetime.fromordinal(tomorrow), datetime.min.time(), UTC)


def test_the_hosts_day_is_used_up(zoom, details):
    with pytest.raises(Unavailable) as later:
        zoom.create_meeting("daily-limit@school.test", details)
    assert later.value.retry_at == next_midnight()
    assert "100 meetings" in later.value.reason
    assert "after 00:00 UTC on" in later.value.reason


def test_too_many_requests_a_second(zoom, details):
    fault("limited", path="/v2/users")
    with pytest.raises(Unavailable) as later:
        zoom.create_meeting(HOST, details)
    assert later.value.retry_at is None
    assert "too many requests" in later.value.reason


@pytest.mark.parametrize("kind", ["down", "error", "html", "drop_before", "drop_after"])
def test_a_broken_answer_leaves_a_create_unclear_and_a_read_for_later(zoom, details, kind):
    meeting = zoom.create_meeting(HOST, details)
    fault(kind, path="/v2")
    with pytest.raises(Unclear):
        zoom.create_meeting(HOST, a_class(2))
    with pytest.raises(Unclear):
        zoom.update_meeting(meeting.id, details)
    with pytest.raises(Unavailable):
        zoom.get_meeting(meeting.id)
    with pytest.raises(Unavailable):
        zoom.delete_meeting(meeting.id)


def test_after_an_unclear_create_the_meeting_is_found(zoom):
    fault("drop_after", times=1, method="POST", path="/v2/users")
    with pytest.raises(Unclear):
        zoom.create_meeting(HOST, a_class(77))
    found = zoom.find_meeting(HOST, "[ff:77]")
    assert found is not None
    assert [act.effect_id for act in journal("meeting.create")] == ["77"]


@pytest.mark.parametrize("kind", ["down", "html", "drop_before", "limited"])
def test_without_a_token_nothing_was_done(zoom, details, kind):
    fault(kind, path="/oauth/token")
    with pytest.raises(Unavailable):
        zoom.create_meeting(HOST, details)
    assert journal("meeting.create") == []


def test_a_refused_token_is_renewed_once(zoom, details):
    zoom.create_meeting(HOST, details)
    fault("unauthorised", times=1, path="/v2")
    assert zoom.create_meeting(HOST, a_class(2)).id
    assert len(journal("token")) == 2
    fault("unauthorised", path="/v2")
    with pytest.raises(Refused, match="not even a new one") as refused:
        zoom.create_meeting(HOST, a_class(3))
    assert (refused.value.status, refused.value.code) == (401, "124")
    assert len(journal("token")) == 3


def test_a_token_that_another_installation_killed_is_renewed(zoom, settings, transport, details):
    store.set_switch("zoom", "single_active_token", True)
    zoom.create_meeting(HOST, details)
    other = ZoomClient(settings.providers["zoom"], transport)
    other.check()
    store.put("zoom", "active token", "latest", {"token": "of somebody else"})
    assert zoom.create_meeting(HOST, a_class(2)).id


def test_a_scope_that_was_added_since_is_used(zoom, details, monkeypatch):
    store.set_switch("zoom", "scopes", ["meeting:read:meeting:admin"])
    with pytest.raises(Refused, match="meeting:write:meeting:admin"):
        zoom.create_meeting(HOST, details)
    assert len(journal("token")) == 1  # the token was new, so another would be no better
    store.set_switch("zoom", "scopes", None)
    monkeypatch.setattr("ffapp.providers.zoom.session.NEW_TOKEN_SECONDS", 0)
    assert zoom.create_meeting(HOST, details).id


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"client_secret": "x"}, "invalid_client", "ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET"),
        ({"client_id": "x"}, "invalid_client", "ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET"),
        ({"account_id": "x"}, "invalid_request", "ZOOM_ACCOUNT_ID"),
    ],
)
def test_wrong_credentials_are_named(settings, transport, wrong, code, words):
    client = ZoomClient(settings.providers["zoom"].changed(**wrong), transport)
    with pytest.raises(Refused, match=words) as refused:
        client.check()
    assert (refused.value.status, refused.value.code) == (400, code)


def test_http_200_with_a_code_is_a_refusal(zoom):
    meeting = hold(zoom)
    store.set_switch("zoom", "no_permission", True)
    for ask in (
        lambda: zoom.recordings_of_meeting(meeting.id),
        lambda: next(zoom.recordings_of_host(HOST, clock.now().date(), clock.now().date())),
    ):
        with pytest.raises(Refused, match="does not permit") as refused:
            ask()
        assert (refused.value.status, refused.value.code) == (200, "200")


def test_a_meeting_in_progress_cannot_be_deleted(zoom, details):
    meeting = zoom.create_meeting(HOST, details)
    live_meetings.start(meeting.id)
    with pytest.raises(Refused, match=f"Meeting {meeting.id} is in progress") as refused:
        zoom.delete_meeting(meeting.id)
    assert refused.value.code == "3002"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"code": 300, "message": "x", "errors": [{"field": "f", "message": "m"}]}, "f: m"),
        (400, {"code": 200, "message": "Only available for Paid users."}, "Paid users"),
        (404, {"code": 2300, "message": "This API endpoint is not recognized."}, "BASE_URL"),
        (400, {"code": 99, "message": "New {thing}."}, r"code 99\): New {thing}"),
        (403, {"message": "No."}, "HTTP 403"),
        (400, {"code": 4711, "message": "Falta."}, "lacks the scope that this needs"),
    ],
)
def test_other_refusals_say_what_zoom_said(status, body, words):
    problem = errors.problem_in(httpx.Response(status, json=body), CREATING)
    assert isinstance(problem, Refused)
    with pytest.raises(Refused, match=words):
        raise problem


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(500, json={"code": 1}),
        httpx.Response(502),
        httpx.Response(302, headers={"Location": "/signin"}),
        httpx.Response(200, json=["a list"]),
        httpx.Response(404, text="<html>"),
    ],
)
def test_what_is_not_an_answer_of_the_api(answer):
    assert isinstance(errors.problem_in(answer, CREATING), Unclear)
    assert isinstance(errors.problem_in(answer, READING), Unavailable)


@pytest.mark.parametrize(
    ("headers", "body", "daily"),
    [
        ({"X-RateLimit-Remaining": "5893"}, {"code": 429, "message": "Demasiado."}, True),
        ({}, {"code": 429, "message": "… (100) …"}, True),
        ({"X-RateLimit-Type": "QPS", "X-RateLimit-Remaining": "3"}, {"code": 429}, False),
        ({"X-RateLimit-Remaining": "0"}, {"code": 429}, False),
        ({"Retry-After": "2026-12-02T00:00:00Z"}, {"code": 429}, True),
        ({"X-RateLimit-Type": "Daily-limit"}, {"code": 429}, True),
    ],
)
def test_daily_limits_are_told_from_those_of_a_second(headers, body, daily):
    problem = errors.problem_in(httpx.Response(429, headers=headers, json=body), CREATING)
    assert isinstance(problem, Unavailable)
    assert (problem.retry_at is not None) == daily


def test_an_answer_that_cannot_be_read_is_unclear_for_a_create(settings, details):
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3599})
        return httpx.Response(201, json={"uuid": "x"})

    client = ZoomClient(settings.providers["zoom"], httpx.MockTransport(answer))
    with pytest.raises(Unclear):
        client.create_meeting(HOST, details)
    with pytest.raises(Unavailable):
        client.get_meeting(5)


def test_zoom_cannot_be_reached(settings, details):
    closed = settings.providers["zoom"].changed(
        token_url="http://127.0.0.1:9/oauth/token",
        base_url="http://127.0.0.1:9/v2",
    )
    with pytest.raises(Unavailable, match="could not be reached"):
        ZoomClient(closed).create_meeting(HOST, details)
