"""Who watched a class, how often, last when; who has not."""

import re
from datetime import timedelta

import pytest

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.programme.enrol import enrolment_of, withdraw
from ffapp.recordings.models import Recording, RecordingView
from ffapp.recordings.views import record_view
from tests.held_classes import add_instance


@pytest.fixture
def session(cast):
    """A class that was held two days ago, in two parts."""
    session = cast.schedule_at("Pricing", clock.now() - timedelta(days=2))
    session.recording_state = "available"
    add_instance(session)
    for number in range(2):
        db.session.add(
            Recording(
                session_id=session.id,
                meeting_uuid="u",
                file_id=f"{number}",
                file_type="MP4",
                starts_at=session.starts_at + number * timedelta(minutes=30),
                ends_at=session.starts_at + (number + 1) * timedelta(minutes=30),
                play_url="https://zoom.us/rec/play/x",
                first_seen_at=clock.now(),
            )
        )
    db.session.commit()
    return session


def watched(session, person, *parts, ago=timedelta(hours=1)):
    for part in parts:
        transaction(record_view, session.recordings[part], person)
        newest = db.select(RecordingView).order_by(RecordingView.id.desc())
        view = db.session.scalars(newest).first()
        view.at = clock.now() - ago
        db.session.commit()


def names(page):
    return re.findall(r'class="row-link"[^>]*>(.*?)</a>', page.text)


def views(client, session, query=""):
    page = client.get(f"/admin/classes/{session.id}/views{query}")
    assert page.status_code == 200
    return page


def test_who_watched_how_often_and_last_when_and_who_has_not(client, session, cast):
    watched(session, cast.asha, 0, 0, 1)
    watched(session, cast.kabir, 1, ago=timedelta(minutes=5))

    page = views(client, session)

    assert names(page) == ["Kabir Shah", "Asha Rao", "Ravi Menon"], "who watched last stands first"
    text = " ".join(page.text.split())
    assert "2 of 3 students opened its recording" in text
    assert ">3</td>" in text
    assert "2<span" in text, "both files"
    assert "1 h ago" in text
    assert "Not yet" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?show=watched", ["Kabir Shah", "Asha Rao"]),
        ("?show=not-yet", ["Ravi Menon"]),
        ("?sort=name", ["Asha Rao", "Kabir Shah", "Ravi Menon"]),
        ("?sort=-name", ["Ravi Menon", "Kabir Shah", "Asha Rao"]),
        ("?sort=-times", ["Asha Rao", "Kabir Shah", "Ravi Menon"]),
        ("?sort=last", ["Asha Rao", "Kabir Shah", "Ravi Menon"]),
        ("?sort=odd&show=odd&page=-4", ["Kabir Shah", "Asha Rao", "Ravi Menon"]),
    ],
)
def test_it_is_sorted_and_filtered_by_the_address(client, session, cast, query, found):
    watched(session, cast.asha, 0, 1)
    watched(session, cast.kabir, 1, ago=timedelta(minutes=5))

    assert names(views(client, session, query)) == found


def test_who_has_left_and_watched_is_named_and_admins_are_not(client, session, cast):
    watched(session, cast.ravi, 0)
    watched(session, cast.admin, 0, 1)
    transaction(withdraw, enrolment_of(cast.cohort, cast.ravi), cast.admin)

    page = views(client, session)

    assert names(page) == ["Ravi Menon", "Asha Rao", "Kabir Shah"]
    assert "Not enrolled any more" in page.text
    assert "Vikram Rao" not in " ".join(names(page))


def test_the_pages_of_recordings_lead_there(client, session, cast):
    watched(session, cast.asha, 0)
    address = f'href="/admin/classes/{session.id}/views"'

    assert address in client.get(f"/admin/classes/{session.id}").text
    assert address in client.get("/admin/recordings").text
