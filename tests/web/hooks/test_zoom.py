"""The webhook route, as Zoom and as others post to it."""

from datetime import timedelta

import pytest

from ffapp.attendance.models import ParticipantSession
from ffapp.classes import phase as live
from ffapp.classes.phase import Phase
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.models import Effect
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.webhooks.models import DeliveryState, WebhookDelivery, WebhookRefusal
from tests.zoom_posts import ended, joined, left, post, recorded, started


@pytest.fixture
def session(cast, worker):
    """A class with a meeting, an hour from now."""
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    return session


def deliveries(**equal):
    return db.session.scalars(
        db.select(WebhookDelivery).filter_by(provider="zoom", **equal).order_by(WebhookDelivery.id)
    ).all()


def phase(session):
    db.session.rollback()
    return live.phase_of(session, clock.now())


def test_zoom_says_started_and_the_class_is_live(client, session, worker, travel):
    travel.to(session.starts_at)
    answer = post(client, started(session.zoom_meeting_id, clock.now()))
    worker.drain()

    assert answer.status_code == 204
    assert phase(session) is Phase.LIVE


def test_zoom_says_ended_and_the_recording_is_processing(client, session, worker):
    began = session.starts_at
    post(client, started(session.zoom_meeting_id, began))
    post(client, ended(session.zoom_meeting_id, began, began + timedelta(minutes=50)))
    worker.drain()

    assert phase(session) is Phase.ENDED
    assert session.recording_state == "processing"
    assert session.recording_since == (began + timedelta(minutes=50)).replace(microsecond=0)


def test_ended_before_started_and_twice_changes_nothing(client, session, worker):
    began = session.starts_at
    last = ended(session.zoom_meeting_id, began, began + timedelta(minutes=50))
    for body in (last, last, started(session.zoom_meeting_id, began)):
        post(client, body)
        worker.drain()

    assert phase(session) is Phase.ENDED
    assert len(session.instances) == 1


def test_the_same_post_twice_is_kept_once(client, session, worker):
    body = started(session.zoom_meeting_id, clock.now())
    for _ in range(3):
        assert post(client, body, request_id="same").status_code == 204
    worker.drain()

    (kept,) = deliveries(event="meeting.started")
    assert kept.duplicates == 2


def test_a_part_of_the_recording_does_not_end_a_class_that_runs(client, session, worker, travel):
    began = session.starts_at
    travel.to(began + timedelta(minutes=20))
    post(client, started(session.zoom_meeting_id, began))
    post(client, recorded(session.zoom_meeting_id, began, began + timedelta(minutes=10)))
    worker.drain()

    assert phase(session) is Phase.LIVE


def test_zooms_own_end_counts_before_the_one_that_a_recording_lets_guess(
    client, session, worker, travel
):
    began, over = session.starts_at, session.starts_at + timedelta(minutes=67)
    travel.to(over + timedelta(minutes=30))
    post(client, started(session.zoom_meeting_id, began))
    post(client, recorded(session.zoom_meeting_id, began, began + timedelta(minutes=50)))
    worker.drain()
    assert phase(session) is Phase.ENDED

    for _ in range(2):
        post(client, ended(session.zoom_meeting_id, began, over))
        worker.drain()

    db.session.rollback()
    assert [each.ended_at for each in session.instances] == [over.replace(microsecond=0)]
    assert session.recording_state == "available"


def test_a_recording_is_stored_and_told_once_however_often_it_comes(
    client, session, worker, mailbox, cast, travel
):
    began = session.starts_at
    travel.to(session.ends_at)
    body = recorded(session.zoom_meeting_id, began, began + timedelta(minutes=50))
    for _ in range(3):
        post(client, body)
        worker.drain()

    db.session.rollback()
    assert session.recording_state == "available"
    assert [each.file_type for each in session.recordings] == ["M4A", "MP4", "TIMELINE"]
    subjects = [mail["subject"] for mail in mailbox(cast.asha.email)]
    assert subjects.count("Recording ready: Pricing") == 1
    assert not mailbox(cast.kabir.email), "his guardian has refused"
    assert not mailbox(cast.meera.email), "she has left"
    withheld = db.session.scalar(
        db.select(Effect).filter_by(rule="recording_available", person_id=cast.kabir.id)
    )
    assert "has refused" in withheld.reason


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"signature": "v0=" + "0" * 64}, "not one of ours"),
        ({"at": clock.wall() - timedelta(minutes=11)}, "seconds ago"),
    ],
)
def test_a_post_that_is_not_zooms_is_refused_and_counted(client, cast, options, reason):
    for _ in range(2):
        answer = post(client, {"event": "meeting.started", "payload": {}}, **options)

    assert answer.status_code == 401
    assert reason in answer.json["error"]
    (refusal,) = db.session.scalars(db.select(WebhookRefusal))
    assert refusal.count == 2
    assert not deliveries()


def test_what_is_no_json_is_kept_and_breaks_nothing(client, cast, worker):
    assert post(client, b"\xff not json").status_code == 204
    worker.drain()

    (kept,) = deliveries()
    assert kept.state == DeliveryState.IGNORED
    assert kept.body == b"\xff not json"


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("meeting.danced", {"id": 1}),
        ("recording.batch_deleted", {"meeting_uuids": ["of-no-class=="]}),
    ],
)
def test_what_says_nothing_of_our_classes_is_kept_with_a_reason(client, cast, worker, name, about):
    post(client, {"event": name, "event_ts": 1, "payload": {"object": about}})
    worker.drain()

    (kept,) = deliveries(event=name)
    assert kept.state == DeliveryState.IGNORED
    assert kept.reason


def test_what_speaks_of_an_unknown_meeting_waits_until_it_is_known(client, cast, worker):
    session = cast.schedule(hours=0)
    meeting_id = 81234567890
    post(client, started(meeting_id, clock.now()))
    worker.drain()
    (unmatched,) = deliveries(event="meeting.started")
    assert unmatched.state == DeliveryState.UNMATCHED

    _give(session, meeting_id)
    worker.drain()

    db.session.rollback()
    assert unmatched.state == DeliveryState.DONE
    assert phase(session) is Phase.LIVE


def _give(session, meeting_id):
    """What settling a create does when it makes a meeting known."""
    from ffapp.webhooks import inbox

    session.zoom_meeting_id = meeting_id
    inbox.release([f"zoom:meeting={meeting_id}"])
    db.session.commit()


def test_zooms_validation_of_the_address_is_answered_at_once(client, cast):
    body = {"event": "endpoint.url_validation", "payload": {"plainToken": "abc"}, "event_ts": 1}

    answer = post(client, body)

    secret = ZoomSettings.current().webhook_secret
    expected = {"plainToken": "abc", "encryptedToken": wire.encrypted_token(secret, "abc")}
    assert (answer.status_code, answer.json) == (200, expected)
    assert not deliveries()


def test_a_meeting_id_of_another_type_is_the_same_meeting(client, session, worker, travel):
    travel.to(session.starts_at)
    body = started(session.zoom_meeting_id, clock.now())
    body["payload"]["object"]["id"] = session.zoom_meeting_id  # a number instead of a string
    post(client, body)
    worker.drain()

    assert phase(session) is Phase.LIVE


def test_who_came_and_went_is_counted_however_the_posts_come(client, session, worker, cast):
    start = session.starts_at
    asha = {"email": cast.asha.email, "zoom_id": "z-asha"}
    gone = left(session.zoom_meeting_id, start + timedelta(minutes=50), **asha)
    there = joined(session.zoom_meeting_id, start + timedelta(minutes=2), **asha)
    until = start + timedelta(hours=1)
    for body in (gone, gone, there, ended(session.zoom_meeting_id, start, until), there):
        assert post(client, body).status_code == 204
    worker.drain()

    (stay,) = db.session.scalars(db.select(ParticipantSession))
    assert (stay.person_id, stay.left_at - stay.joined_at) == (cast.asha.id, timedelta(minutes=48))
    assert {each.state for each in deliveries()} <= {DeliveryState.DONE, DeliveryState.IGNORED}


def test_who_came_to_an_unknown_meeting_waits_until_it_is_known(client, cast, worker):
    session = cast.schedule(hours=0)
    meeting_id = 81234567890
    for number in range(3):
        post(client, joined(meeting_id, clock.now(), f"u{number}"))
    worker.drain()
    assert not db.session.scalars(db.select(ParticipantSession)).all()

    _give(session, meeting_id)
    worker.drain()

    db.session.rollback()
    assert len(db.session.scalars(db.select(ParticipantSession)).all()) == 3
    assert not deliveries(state=DeliveryState.UNMATCHED)


def test_a_token_that_opens_recordings_is_not_kept(client, session, worker):
    now = clock.now()
    body = {**recorded(session.zoom_meeting_id, now, now), "download_token": "eyJ.secret"}
    post(client, body)

    (kept,) = deliveries(event="recording.completed")
    assert b"eyJ" not in kept.body
    assert b'"download_token": "(not kept)"' in kept.body
    worker.drain()
    db.session.refresh(kept)
    assert kept.state != DeliveryState.FAILED
