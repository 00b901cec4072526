"""The search over everything: what it finds, by what, and that it costs the same for many."""

import re

import pytest

from ffapp.core.db import db, transaction
from ffapp.messaging.announce import announce
from tests.app.test_queries import newcomers


@pytest.fixture
def find(client):
    """Heading → the titles under it."""

    def search(words):
        page = client.get("/admin/search", query_string={"q": words}).text
        sections = re.findall(
            r'<section class="found" aria-label="([^"]+)">(.*?)</section>', page, re.S
        )
        return {
            noun: [each.strip() for each in re.findall(r'<a href="[^"]+">([^<]+)', found)]
            for noun, found in sections
        }

    return search


def test_a_person_is_found_by_name_address_and_phone(cast, find):
    cast.asha.phone = "+919876500001"
    db.session.commit()

    for words in ("asha", "ASHA RAO", cast.asha.email, "98765 00001", "+91 98765-00001"):
        assert find(words)["People"] == ["Asha Rao"], words
    assert "People" not in find("98765 00002")


def test_each_kind_of_row_is_found_by_its_title_and_leads_to_its_page(cast, client, worker, find):
    session = cast.schedule("Pricing", hours=30)
    worker.drain()
    session.recording_state = "available"
    db.session.commit()
    transaction(announce, "Bring a pencil", "Please.", [cast.asha], cast.admin)

    assert find("pricing") == {"Classes": ["Pricing"], "Recordings": ["Pricing"]}
    assert find(cast.cohort.name)["Cohorts"] == [cast.cohort.name]
    assert find("pencil") == {"Messages to several people": ["Bring a pencil"]}
    assert "Class scheduled" in find("Asha")["Messages"]
    page = client.get("/admin/search?q=pricing").text
    assert f'href="/admin/classes/{session.id}"' in page


def test_what_begins_with_the_words_comes_first_and_of_each_kind_a_few(cast, find):
    cast.cohort.seats = 100
    db.session.commit()
    transaction(newcomers, cast, range(9))
    cast.ravi.name = "Anew Menon"
    cast.asha.name = "New York"
    db.session.commit()

    found = find("new")["People"]

    assert len(found) == 6
    assert "Anew Menon" not in found


@pytest.mark.parametrize(
    "words", ["", "%", "_", "\\", "\0", "\0%", "x" * 5000, "' OR 1=1 --", "९८"]
)
def test_words_that_mean_something_to_a_database_mean_nothing(client, find, words):
    assert find(words) == {}


def test_words_that_find_nothing_are_answered_with_what_to_try(client):
    assert "Nothing was found" in client.get("/admin/search?q=nobody+of+that+name").text
    assert "Nothing was found" not in client.get("/admin/search").text


def test_the_field_stands_in_the_header_and_asks_for_the_results_alone(client, cast):
    page = client.get("/admin/people").text
    assert 'hx-target="#search-results"' in page
    assert page.count('id="search-results"') == 1
    assert client.get("/admin/search?q=a").text.count('id="search-results"') == 1

    asked = {"HX-Request": "true", "HX-Target": "search-results"}
    part = client.get("/admin/search?q=asha", headers=asked).text

    assert "<html" not in part
    assert "Asha Rao" in part
    client.sign_in(cast.asha)
    assert "search-results" not in client.get("/home").text
