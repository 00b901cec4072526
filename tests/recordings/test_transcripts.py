"""Transcripts: fetched once by a job, waited for, given up with a reason, erased with the file."""

import pytest

from ffapp.core.db import db, transaction
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.providers.zoom.simulator import recording_files, recordings, state
from ffapp.recordings import transcripts
from ffapp.recordings.models import Recording, Transcript
from ffapp.recordings.transcripts import NotATranscript, Paragraph, paragraphs
from tests.at_zoom import told_to_zoom


@pytest.fixture
def hold(cast, worker, travel):
    """Hold a class for twenty minutes, and let Zoom tell of it."""

    def hold_class():
        session = cast.schedule(hours=1)
        worker.drain()
        db.session.refresh(session)
        travel.to(session.starts_at)
        zoom_live.start(session.zoom_meeting_id)
        travel.forward(minutes=20)
        zoom_live.end(session.zoom_meeting_id)
        worker.drain()
        db.session.rollback()
        return session

    return hold_class


def only():
    db.session.rollback()
    return db.session.scalars(db.select(Transcript)).one()


def again(travel, **span):
    """Time passes, and the sweep comes by."""
    travel.forward(**span)
    db.session.rollback()
    transcripts.fetch_transcripts(timestamp=0)
    db.session.rollback()


def test_it_is_fetched_once_and_kept_as_text(hold, worker, cast):
    hold()

    transcript = only()
    assert transcript.state == "ready"
    assert transcript.vtt.startswith("WEBVTT")
    second, speaker, words = transcript.lines[0]
    assert (second, speaker, words.startswith("Good evening")) == (0, "Educator", True)
    assert transcript.recording.file_type == "TRANSCRIPT"
    assert told_to_zoom("recording.download") == 1


def test_a_bad_day_of_zoom_is_waited_out(hold, worker, travel):
    store.set_switch("zoom", "fault", {"kind": "down", "path": "/rec/"})
    hold()
    waiting = only()
    assert (waiting.state, waiting.tries) == ("wanted", 1)
    assert waiting.reason

    store.set_switch("zoom", "fault", None)
    again(travel, minutes=1)
    assert only().state == "wanted", "not before its time"
    again(travel, minutes=2)
    assert (only().state, only().reason) == ("ready", None)


def test_after_two_days_in_vain_it_is_given_up_and_can_be_tried_again(hold, cast, worker, travel):
    store.set_switch("zoom", "fault", {"kind": "down", "path": "/rec/"})
    hold()
    for _ in range(transcripts.TRIES):
        again(travel, hours=6)
    assert (only().state, only().due_at) == ("failed", None)
    assert only().reason

    store.set_switch("zoom", "fault", None)
    transaction(transcripts.retry_transcript, only(), cast.admin)
    worker.drain()
    assert only().state == "ready"


def test_one_that_cannot_be_read_is_said_and_stops_no_other(hold, worker, travel, monkeypatch):
    monkeypatch.setattr(
        "ffapp.providers.zoom.simulator.file_contents.vtt",
        lambda instance, number: "no transcript",
    )
    hold()

    assert only().state == "failed"
    assert "cannot be read" in only().reason


@pytest.fixture
def thrown_away(hold, worker, travel):
    """Hold a class, and throw its files away at Zoom: `trashed` or `deleted`; answers the class."""

    def throw(where):
        session = hold()
        travel.forward(minutes=1)
        found = state.instances_of(session.zoom_meeting_id)[-1]
        recordings.throw_away(found, recording_files.kept(found), where)
        worker.drain()
        return session

    return throw


def test_what_zoom_deletes_for_good_is_not_kept_here(thrown_away):
    thrown_away("deleted")

    transcript = only()
    assert (transcript.state, transcript.vtt, transcript.lines) == ("erased", None, [])
    assert transcript.words is None
    assert db.session.scalars(db.select(Recording.file_type)).all(), "the files stay known"


def test_one_whose_file_is_back_is_fetched_anew(thrown_away):
    session = thrown_away("deleted")

    back = db.session.scalars(db.select(Recording).filter_by(session_id=session.id)).all()
    transaction(transcripts.restore_transcripts, back)

    assert (only().state, only().reason) == ("wanted", "The file was brought back at Zoom.")


def test_of_one_too_long_to_be_searched_the_beginning_is(hold, worker, travel, monkeypatch):
    many = " ".join(f"word{number}x" for number in range(150_000))
    text = f"WEBVTT\n\n1\n00:00:01.000 --> 00:00:09.000\n{many}\n"
    monkeypatch.setattr(transcripts, "_fetch_text", lambda uuid, file_id: text)
    hold()

    assert only().state == "ready"
    found = db.select(Transcript).where(Transcript.words.op("@@")(db.func.to_tsquery("word7x")))
    assert db.session.scalar(found) is not None


# ── the file, read as people read it ──


def cue(second, words, length=4):
    return f"00:00:{second:02d}.000 --> 00:00:{second + length:02d}.000\n{words}\n\n"


def test_what_one_person_says_is_one_paragraph():
    text = "WEBVTT\n\n1\n" + cue(2, "Asha Rao: Good evening.") + "2\n" + cue(7, "Asha Rao: Hello.")
    text += "3\n" + cue(12, "Ravi: Yes: we hear you.")

    assert paragraphs(text) == [
        Paragraph(2, "Asha Rao", "Good evening. Hello."),
        Paragraph(12, "Ravi", "Yes: we hear you."),
    ]


def test_a_long_silence_and_a_long_speech_end_a_paragraph():
    text = "WEBVTT\n\n" + cue(0, "A: One.") + cue(40, "A: Two.") + cue(45, "A: " + "x" * 590)
    text += cue(50, "A: " + "y" * 20)

    assert [each.second for each in paragraphs(text)] == [0, 40, 50]


def test_words_without_a_speaker_are_words():
    text = "WEBVTT\n\n" + cue(0, "Nobody knows who said this.") + cue(5, "http://x.test: a link")

    (spoken,) = paragraphs(text)
    assert spoken == Paragraph(0, "", "Nobody knows who said this. http://x.test: a link")


def test_tags_entities_and_unprintable_characters_are_gone():
    text = "WEBVTT\n\n" + cue(0, "<v Asha>Ice &amp; <i>fire</i>\u200b\x00</v>")
    text += cue(5, "Ravi: नमस्ते 🚀 &lt;b&gt;")

    first, second = paragraphs(text)
    assert (first.speaker, first.words) == ("Asha", "Ice & fire")
    assert second.words == "नमस्ते 🚀 <b>"


@pytest.mark.parametrize(
    "text", ["WEBVTT", "WEBVTT\n\n", "\ufeffWEBVTT\n\nNOTE nothing\n", "WEBVTT\n\n" + cue(0, " ")]
)
def test_a_transcript_may_be_empty(text):
    assert paragraphs(text) == []


@pytest.mark.parametrize("text", ["", "<html>", "Good evening.", "{}"])
def test_what_is_no_transcript_is_said(text):
    with pytest.raises(NotATranscript):
        paragraphs(text)
