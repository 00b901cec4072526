"""What a class is called at Zoom, and what a topic that a host writes means for its title."""

import pytest

from ffapp.meetings.zoom_changes import title_in, topic_of


@pytest.fixture
def session(cast):
    """“Pricing” of the cohort “Winter 2026”."""
    return cast.schedule("Pricing", hours=2)


@pytest.mark.parametrize(
    ("topic", "title"),
    [
        ("Pricing · Winter 2026", "Pricing"),
        ("Prices · Winter 2026", "Prices"),
        ("  Prices  ·  Winter   2026 ", "Prices"),
        ("Prices", "Prices"),
        ("Pricing", "Pricing"),
        ("Prices · Summer 2027", "Prices · Summer 2027"),
        ("Prices - Winter 2026", "Prices - Winter 2026"),
        ("Winter 2026 · Prices", "Winter 2026 · Prices"),
        ("Prices · Winter 2026 · Winter 2026", "Prices · Winter 2026"),
        ("मूल्य 🚀 · Winter 2026", "मूल्य 🚀"),
        ("Winter 2026", "Pricing"),
        ("· Winter 2026", "Pricing"),
        ("", "Pricing"),
        ("   ", "Pricing"),
        (" · ", "Pricing"),
    ],
)
def test_only_our_own_cohort_at_the_end_is_not_part_of_the_title(session, topic, title):
    assert title_in(topic, session) == title


def test_the_cohorts_name_of_before_is_no_part_of_the_title_either(session):
    session.cohort.name = "Winter"

    assert title_in("Prices · Winter 2026", session, "Pricing · Winter 2026") == "Prices"


def test_a_topic_that_zoom_has_cut_is_still_our_own(session):
    session.title, session.cohort.name = "P" * 150, "Winter " * 20

    assert len(topic_of(session)) == 200
    assert title_in(topic_of(session), session) == session.title
    changed = topic_of(session).replace("P" * 150, "Q" * 150)
    assert title_in(changed, session) == "Q" * 150


def test_a_title_is_no_longer_than_the_form_takes(session):
    assert title_in("x" * 200, session) == "x" * 150
