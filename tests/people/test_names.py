"""Names, addresses and zones as people type them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.matching import fold, folded
from ffapp.people.address import NotAnAddress, clean_email
from ffapp.people.names import MISLEADING, first_name_of, parse_name


@pytest.mark.parametrize(
    "typed",
    ["\u200b", "\u3164\u3164", "\u2800", "Asha\u202egnp", "Asha\u2066Rao", "Asha\x07", "123", "…"],
)
def test_what_cannot_be_seen_or_misleads_is_no_name(typed):
    with pytest.raises(ValueError, match=r"no letters|cannot be seen"):
        parse_name(typed)


@given(st.text(min_size=1))
def test_a_name_is_stored_composed_on_one_line_without_hidden_signs(typed):
    try:
        name = parse_name(typed)
    except (ValueError, IndexError):
        return
    assert unicodedata.is_normalized("NFC", name)
    assert name == " ".join(name.split())
    assert not MISLEADING.search(name)
    assert first_name_of(name)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Rohan Sharma", "Rohan"),
        ("Sharma, Rohan", "Rohan"),
        ("Sharma, Rohan Kumar", "Rohan"),
        ("Sharma,", "Sharma"),
        ("आशा राव", "आशा"),
    ],
)
def test_somebody_is_greeted_by_the_first_name(name, first):
    assert first_name_of(name) == first


def test_an_address_is_written_as_mail_reaches_it():
    assert clean_email("Asha@Bücher.example") == "asha@xn--bcher-kva.example"
    with pytest.raises(NotAnAddress):
        clean_email("आशा@school.example")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Kolkata", "Asia/Kolkata"),
        ("asia/calcutta", "Asia/Kolkata"),
        ("calcutta", "Asia/Kolkata"),
        ("Berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_found_by_its_name_an_older_one_or_its_city(typed, name):
    assert clock.find_zone(typed) == name
    assert name in clock.zone_names()


@pytest.mark.parametrize("typed", ["Atlantis", "", "Asia", "Etc/GMT+5"])
def test_another_word_is_no_zone(typed):
    with pytest.raises(clock.UnknownZone):
        clock.find_zone(typed)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "text", ["José Núñez", "Jose\u0301", "ÅSA", "Strauß", "आशा", "Ｆｕｌｌ width", "ﬁne"]
)
def test_what_is_typed_is_compared_in_sql_as_in_python(text):
    assert db.session.scalar(select(folded(literal(text)))) == fold(text)


def test_accents_and_case_do_not_matter():
    assert fold("JOSÉ") == fold("jose") == fold("Jose\u0301")
