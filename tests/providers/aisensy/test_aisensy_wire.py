"""What is written and read on the wire, against the contract's own examples."""

import pytest

from ffapp.providers.aisensy import wire

SECRET = "0123456789abcdef" * 4
BODY = (
    b'{"id":"evt-1","topic":"message.status.updated","project_id":"650000000000000000000001",'
    b'"data":{"message":{"status":"READ",'
    b'"submitted_message_id":"11111111-2222-4333-8444-555555555555"}}}'
)
SIGNATURE = "2d054c384f6d6008c8702b89b71834bf3d7d017a287080a1e03674d05603a934"


def test_the_worked_signature():
    assert len(BODY) == 186
    assert wire.signature(SECRET, BODY) == SIGNATURE


def test_a_body_is_compact_and_keeps_its_letters():
    assert wire.compact({"a": [1, "आशा 🎓"]}) == '{"a":[1,"आशा 🎓"]}'.encode()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Pricing", "Pricing"),
        ("two\nlines\r\nof text", "two lines of text"),
        ("a\ttab", "a tab"),
        ("many      spaces", "many spaces"),
        ("  around  ", "around"),
        ("no-break\u00a0\u2028space", "no-break space"),
        ("a\0b\x1fc\x7fd", "a b c d"),
        ("", "–"),
        (" \n\t ", "–"),
        ("आशा 👩‍🎓 क्षमा", "आशा 👩‍🎓 क्षमा"),
    ],
)
def test_a_parameter_is_cleaned_as_whatsapp_wants_it(text, cleaned):
    assert wire.clean(text) == cleaned


@pytest.mark.parametrize(
    ("payload", "params"),
    [
        ({"requestBody": {"templateParams": ["a"]}}, ["a"]),
        ({"data": {"requestBody": {"templateParams": []}}}, []),
        ({"campaign": {"requestBody": {"templateParams": ["a", "b"]}}}, ["a", "b"]),
        ({"requestBody": {"media": {}}}, None),
        ({"requestBody": None, "data": 7}, None),
        ({}, None),
        ("text", None),
    ],
)
def test_a_campaigns_description_is_found_in_three_places(payload, params):
    assert wire.params_in(payload) == params


@pytest.mark.parametrize(
    ("source", "effect"),
    [
        (wire.source_of("42"), "42"),
        ("newsletter", None),
        ("ffapp effect x", None),
        (None, None),
        (7, None),
    ],
)
def test_our_effect_is_read_back_from_the_source(source, effect):
    assert wire.effect_in(source) == effect
