"""Every event has its sentence, also when a fact is missing that older events did not have."""

from datetime import UTC, datetime

import pytest

from ffapp.core.events import Event
from ffapp.subscriptions import SUBSCRIPTIONS
from ffapp.web.kit.subjects import SUBJECTS
from ffapp.web.kit.timeline import SENTENCES, sentence


def test_every_event_has_a_sentence_and_every_sentence_an_event():
    assert set(SENTENCES) == set(SUBSCRIPTIONS)


@pytest.mark.parametrize("name", sorted(SUBSCRIPTIONS))
def test_a_sentence_needs_no_fact_to_be_one(name):
    words = sentence(Event(name=name, actor="the sync", facts={}), "Asia/Kolkata")

    assert words.startswith("The sync ")
    assert not words.endswith(".")
    assert len(words.split()) >= 3


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        (
            "class_moved",
            {
                "title": "Week 3",
                "changed": {
                    "starts_at": ["2026-12-05T11:30:00+00:00", "2026-12-06T11:30:00+00:00"],
                    "duration_minutes": [60, 90],
                },
            },
            "Asha moved “Week 3” from Sat 5 Dec, 5:00 pm IST to Sun 6 Dec, 5:00 pm IST",
        ),
        (
            "class_moved",
            {"title": "Week 3", "changed": {"duration_minutes": [60, 90]}},
            "Asha changed “Week 3”: the length from 60 min to 90 min",
        ),
        (
            "cohort_changed",
            {"changed": {"seats": [10, 12], "ends_on": ["2026-12-01", "2026-12-08"]}},
            "Asha changed the seats from 10 to 12, and the last day from 1 Dec 2026 to 8 Dec 2026",
        ),
        (
            "person_changed",
            {"changed": {"phone": ["+919876543210", None]}},
            "Asha changed the phone number +91 98765 43210, which is gone",
        ),
        ("announcement_written", {"count": 1}, "Asha wrote to 1 person"),
        ("announcement_written", {"count": 2}, "Asha wrote to 2 people"),
        (
            "retries_expedited",
            {"count": 1, "channel": "email"},
            "Asha had 1 waiting act tried at once (email)",
        ),
        ("person_changed", {"changed": {"time_zone": "UTC"}}, "Asha changed the time zone to UTC"),
    ],
)
def test_a_sentence_says_what_was_and_what_is(name, facts, words, travel):
    travel.to(datetime(2026, 11, 23, tzinfo=UTC))

    assert sentence(Event(name=name, actor="Asha", facts=facts), "Asia/Kolkata") == words


def test_every_kind_of_row_has_a_page_and_a_name_where_the_ledger_asks_for_one(app):
    with app.test_request_context("/"):
        for subject in SUBJECTS.values():
            assert subject.url(1).startswith("/admin/"), subject.table
            assert subject.label is not None or not subject.kind, subject.table
            assert subject.noun or not subject.search, subject.table
