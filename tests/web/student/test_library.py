"""The library: found by words and filters, watched marks, transcripts to read; for those alone who
may see the recording."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.programme.cohorts import create_cohort
from ffapp.programme.enrol import enrol
from ffapp.recordings.files import set_visible
from ffapp.recordings.models import LANGUAGE, FileState, Recording, Transcript
from ffapp.recordings.views import record_view
from tests.held_classes import add_instance

HALF = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def asha(client, cast):
    client.sign_in(cast.asha)


@pytest.fixture
def recorded(cast):
    """A class that was held some days ago, in so many parts, each with what was said in it."""

    def make(title="Pricing", *, days=2, said=("We count the flour and the oven",), cohort=None):
        own = cast.cohort
        cast.cohort = cohort or own
        session = cast.schedule_at(title, clock.now() - timedelta(days=days))
        cast.cohort = own
        session.recording_state = "available"
        add_instance(session, f"u{session.id}")
        for number, words in enumerate(said):
            _part(session, number, words)
        db.session.commit()
        return session

    return make


def _part(session, number, words):
    starts_at = session.starts_at + number * HALF
    files = (("MP4", "shared_screen_with_speaker_view"), ("TRANSCRIPT", "audio_transcript"))
    for file_type, kind in files if words else files[:1]:
        db.session.add(
            Recording(
                session_id=session.id,
                meeting_uuid=f"u{session.id}",
                file_id=f"{session.id}-{number}-{file_type}",
                file_type=file_type,
                recording_type=kind,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=28),
                play_url="https://zoom.us/rec/play/x",
                first_seen_at=clock.now(),
            )
        )
    db.session.flush()
    if words:
        db.session.add(
            Transcript(
                recording_id=file_of(session, number, "TRANSCRIPT").id,
                state="ready",
                lines=[[4, "Educator", words], [3671, "Asha Rao", "Yes, <b>we</b> do."]],
                words=db.session.scalar(select(func.to_tsvector(LANGUAGE, words))),
            )
        )


def file_of(session, number=0, file_type="MP4"):
    return db.session.scalar(
        select(Recording).filter_by(file_id=f"{session.id}-{number}-{file_type}")
    )


def shown(page):
    """The titles of the classes on a page of the library."""
    return re.findall(r"<h2 [^>]*><a [^>]*>(.*?)</a>", page.text)


def library(client, query=""):
    page = client.get(f"/recordings{query}")
    assert page.status_code == 200
    return page


# ── finding ──


def test_the_classes_stand_with_their_parts_the_latest_first(client, recorded):
    recorded("Older", days=9)
    recorded("Newer", days=1, said=("one", "two"))

    page = library(client)

    assert shown(page) == ["Newer", "Older"]
    assert page.text.index("Part 1") < page.text.index("Part 2")
    assert "28 min" in page.text
    assert "2 parts" in page.text
    assert "zoom.us" not in page.text, "the address at Zoom is printed nowhere"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("pric", ["Pricing"]),
        ("PRICING winter", ["Pricing"]),
        ("winter", ["Customers", "Pricing"]),
        ("oven", ["Pricing"]),
        ("counting ovens", ["Pricing"]),
        ("neighbour", ["Customers"]),
        ('"flour and the oven"', ["Pricing"]),
        ('"oven and the flour"', []),
        ("पड़ोसी", ["Customers"]),
        ("pricing oven", ["Pricing"]),
        ("the pricing of flour", ["Pricing"]),
        ("customers oven", []),
        ("pricing -oven", []),
        ("pricing well-known", []),
        ("zebra", []),
        ("100%", []),
        ("' OR 1=1 --", []),
        ("& | !", []),
        ("_", []),
    ],
)
def test_titles_cohorts_and_words_that_were_said_are_searched(client, recorded, words, found):
    recorded("Pricing", days=3)
    recorded("Customers", days=1, said=("Ask a neighbour, पड़ोसी से पूछो",))

    page = client.get("/recordings", query_string={"q": words})

    assert page.status_code == 200
    assert shown(page) == found
    assert ("Nothing matches" in page.text) is not bool(found)


@pytest.fixture
def other(cast):
    """A second cohort that Asha is in."""
    cohort = transaction(
        create_cohort,
        name="Summer 2027",
        starts_on=date(2027, 4, 1),
        ends_on=date(2027, 6, 30),
        seats=5,
        time_zone="Asia/Kolkata",
        by=cast.admin,
    )
    transaction(enrol, cohort, cast.asha, cast.admin)
    return cohort


def test_cohort_and_class_narrow_it_down_and_stand_in_the_address(client, recorded, cast, other):
    first = recorded("Pricing", days=3)
    recorded("Customers", days=2, cohort=other)
    recorded("Sales", days=1, cohort=other)

    assert shown(library(client, f"?cohort={other.id}")) == ["Sales", "Customers"]
    assert shown(library(client, f"?class={first.id}")) == ["Pricing"]
    assert shown(library(client, f"?cohort={other.id}&q=sales")) == ["Sales"]
    page = library(client, f"?cohort={other.id}")
    assert f'<option value="{other.id}" selected>' in page.text
    assert ">Customers</option>" in page.text
    assert ">Pricing</option>" not in page.text, "only classes of the cohort that is chosen"


def test_a_class_of_another_cohort_narrows_nothing_unseen(client, recorded, other):
    first = recorded("Pricing", days=3)
    recorded("Customers", days=2, cohort=other)
    recorded("Sales", days=1, cohort=other)

    query = f"?cohort={other.id}&class={first.id}"

    assert shown(library(client, query)) == ["Sales", "Customers"]


def test_empty_shelves_say_what_will_stand_there(client):
    page = library(client)

    assert "No recording yet" in page.text
    assert '<form id="filter"' not in page.text


# ── watched ──


def test_what_was_watched_is_marked_for_oneself(client, recorded, cast, travel):
    session = recorded(said=("one", "two"))
    travel.to(clock.now())
    transaction(record_view, file_of(session, 0), cast.asha)
    transaction(record_view, file_of(session, 1), cast.ravi)
    there = clock.local(clock.now(), "Asia/Kolkata")

    for page in (library(client), client.get(f"/recordings/classes/{session.id}")):
        assert page.text.count("Watched ") == 1
        assert f"Watched {there.day} {there:%b}" in page.text


def test_the_day_is_that_of_the_class_and_has_its_year_when_it_is_another(
    client, recorded, cast, travel
):
    session = recorded(days=400)
    travel.to(session.starts_at)
    transaction(record_view, file_of(session), cast.asha)
    watched = clock.local(travel.now, "Asia/Kolkata")
    travel.forward(days=400)

    assert f"Watched {watched.day} {watched:%b} {watched.year}" in library(client).text


# ── transcripts ──


def test_a_transcript_is_read_with_its_times(client, recorded):
    session = recorded()
    said = file_of(session, 0, "TRANSCRIPT")
    assert f'href="/recordings/{said.id}/transcript"' in library(client).text

    text = client.get(f"/recordings/{said.id}/transcript").text

    assert "We count the flour and the oven" in text
    assert ">0:04<" in text
    assert ">1:01:11<" in text
    assert "Yes, &lt;b&gt;we&lt;/b&gt; do." in text


def test_a_part_without_a_transcript_has_no_link(client, recorded):
    recorded(said=("",))

    assert "Read what was said" not in library(client).text


def _withdrawn(client, cast, session):
    client.sign_in(cast.meera)


def _stranger(client, cast, session):
    client.sign_in(cast.tara)


def _video_hidden(client, cast, session):
    transaction(set_visible, file_of(session), False, cast.admin)


def _transcript_hidden(client, cast, session):
    transaction(set_visible, file_of(session, 0, "TRANSCRIPT"), False, cast.admin)


def _video_trashed(client, cast, session):
    file_of(session).state = FileState.TRASHED
    db.session.commit()


def _transcript_trashed(client, cast, session):
    file_of(session, 0, "TRANSCRIPT").state = FileState.TRASHED
    db.session.commit()


@pytest.mark.parametrize(
    "hide",
    [
        _withdrawn,
        _stranger,
        _video_hidden,
        _transcript_hidden,
        _video_trashed,
        _transcript_trashed,
    ],
)
def test_only_who_may_see_the_recording_reads_or_finds_what_was_said(client, recorded, cast, hide):
    # The second part stays to be watched, and says nothing of the first.
    session = recorded(said=("the secret oven", "harmless words"))
    said = file_of(session, 0, "TRANSCRIPT")
    hide(client, cast, session)

    assert client.get(f"/recordings/{said.id}/transcript").status_code == 404
    assert shown(library(client, "?q=secret")) == []
    assert f"/recordings/{said.id}/transcript" not in library(client).text


def test_a_transcript_is_found_under_its_own_file_alone(client, recorded):
    session = recorded()

    assert client.get(f"/recordings/{file_of(session).id}/transcript").status_code == 404
    assert client.get("/recordings/999999/transcript").status_code == 404


# ── taken away ──


def test_what_lies_in_the_trash_is_not_there_and_the_class_says_why(client, recorded):
    session = recorded(said=("",))
    file_of(session).state = FileState.TRASHED
    session.recording_state = "trashed"
    session.recording_reason = "Moved to Zoom’s trash on Sat 6 Dec, 5:00 pm IST."
    db.session.commit()

    assert shown(library(client)) == []
    assert client.get(f"/recordings/{file_of(session).id}/play").status_code == 404
    page = client.get(f"/recordings/classes/{session.id}")
    assert "moved to Zoom’s trash" in page.text
    assert "moved to Zoom’s trash" in client.get(f"/classes/{session.id}/card").text


def test_several_views_of_one_part_are_told_apart(client, recorded):
    session = recorded(said=("",))
    first = file_of(session)
    db.session.add(
        Recording(
            session_id=session.id,
            meeting_uuid=first.meeting_uuid,
            file_id="gallery",
            file_type="MP4",
            recording_type="gallery_view",
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            play_url="https://zoom.us/rec/play/y",
            first_seen_at=clock.now(),
        )
    )
    db.session.commit()

    text = library(client).text

    assert "Video, everybody" in text
    assert "Video, screen and speaker" in text
    assert "Part 1" not in text
