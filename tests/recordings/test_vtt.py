"""Zoom's transcript file, read as people read it."""

import pytest

from ffapp.recordings.transcripts import NotATranscript, Paragraph, paragraphs


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
