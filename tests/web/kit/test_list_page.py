"""Every declared list: all it offers can be asked for, in a constant number of queries."""

import csv
import io
import re
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from ffapp.core.db import db, transaction
from ffapp.messaging.announce import announce
from ffapp.people.invite import add_person
from ffapp.people.models import Person, Role
from ffapp.web.kit.list_page import LISTS
from ffapp.web.kit.saved_views import SavedView
from tests.app.test_queries import newcomers
from tests.browse import flashed
from tests.web.admin.looking import queries_of

# List → where it is; what is in braces is of the class and the cohort of the test.
PLACES = {
    "people": "/admin/people",
    "webhooks": "/admin/webhooks",
    "classes": "/admin/classes",
    "class-views": "/admin/classes/{class_id}/views",
    "attendance": "/admin/classes/{class_id}/attendance",
    "recordings": "/admin/recordings",
    "cohorts": "/admin/cohorts",
    "roster": "/admin/cohorts/{cohort_id}",
    "library": "/recordings",
    "message-groups": "/admin/messages",
    "messages": "/admin/messages/each",
    "calls": "/admin/calls",
    "templates": "/admin/messages/templates",
    "recipients": "/admin/announcements/{announcement_id}",
}
PLACE = [pytest.param(name, id=name) for name in PLACES]


@pytest.fixture(autouse=True)
def admin(client, cast):
    cast.cohort.seats = 300
    db.session.commit()
    client.sign_in(cast.admin)


@pytest.fixture
def place(client, cast):
    """Where a list is; an admin is signed in."""
    ids = {
        "cohort_id": cast.cohort.id,
        "class_id": cast.schedule("Week 1", hours=2).id,
        "announcement_id": transaction(announce, "Hello", "Hi", [cast.asha], cast.admin).id,
    }

    def place(name):
        client.sign_in(cast.asha if name == "library" else cast.admin)
        return PLACES[name].format(**ids)

    return place


def rows_of(page, name):
    return page.text.split(f'id="{name}"')[1]


def file_of(client, address):
    answer = client.get(address, buffered=True)
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf"), "Excel reads UTF-8 by its byte order mark"
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_every_declared_list_is_tested_here():
    assert set(PLACES) == set(LISTS)


@pytest.mark.parametrize("name", PLACE)
def test_all_that_a_list_offers_can_be_asked_for(client, place, name):
    """Each option, each order, each page that a link or a select on it leads to."""
    page = client.get(place(name))
    assert page.status_code == 200
    offered = {unescape(url) for url in re.findall(r'href="([^"#]*\?[^"]*)"', rows_of(page, name))}
    here = {url for url in offered if url.split("?")[0] == place(name)}
    for choice in LISTS[name].filters.choices("select"):
        drawn = re.search(rf'<select[^>]*name="{choice.name}".*?</select>', page.text, re.DOTALL)
        values = re.findall(r'value="([^"]+)"', drawn.group()) if drawn else []
        here |= {f"{place(name)}?{choice.name}={unescape(value)}" for value in values}
    for url in sorted(here - {f"{place(name)}?format=csv"}):
        assert client.get(url).status_code == 200, url
        assert "does not know" not in client.get(url).text, url


def test_a_list_asks_as_often_for_many_rows_as_for_few(client, cast, place, worker):
    worker.drain()

    def asked():
        return {name: queries_of(client, place(name)) for name in PLACES}

    asked()
    few = asked()
    newcomers(cast, range(8))
    for number in range(4):
        cast.schedule(f"Week {number + 2}", hours=24 * (number + 1))
    worker.drain()

    # A list may look into one more table once it has something to show of it.
    grown = {name: (few[name], many) for name, many in asked().items() if many > few[name] + 1}
    assert not grown


@pytest.mark.parametrize("name", PLACE)
@given(data=some.data())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_address_breaks_a_list(client, place, name, data):
    known = [each.name for each in LISTS[name].filters]
    names = some.sampled_from([*known, "q", "sort", "page", "nonsense"])
    texts = some.text(max_size=12) | some.sampled_from(["-1", "0", "99", "9" * 30, "%", "all"])
    address = data.draw(some.dictionaries(names, texts, max_size=4))

    assert client.get(place(name), query_string=address).status_code == 200


@pytest.mark.parametrize("name", PLACE)
def test_what_a_list_does_not_know_is_left_out_and_said(client, place, name):
    page = client.get(f"{place(name)}?colour=red&sort=smell&page=1")

    assert page.status_code == 200
    assert "This list does not know “colour”, the order “smell”" in rows_of(page, name)
    assert "does not know" not in client.get(place(name)).text


@pytest.mark.parametrize("name", [each for each in PLACES if LISTS[each].has_file])
def test_the_file_has_the_rows_of_the_list(client, place, name):
    head, *rows = file_of(client, f"{place(name)}?format=csv")

    labels = [each.label for each in LISTS[name].columns if each.in_file]
    assert [each.removesuffix(" (IST)") for each in head] == labels
    total = re.search(r'<p><span class="tabular">([\d,]+)</span>', client.get(place(name)).text)
    assert len(rows) == int(total.group(1))


def test_the_file_has_what_the_filters_find_on_all_pages_in_the_order_of_the_list(client, cast):
    newcomers(cast, range(60))

    _, *rows = file_of(client, "/admin/people?role=student&q=comer&sort=-name&page=2&format=csv")

    names = [row[0] for row in rows]
    assert len(names) == 60
    assert names == sorted(names, key=str.lower, reverse=True)


def test_a_formula_as_a_name_is_neutral_in_the_file_of_people(client, cast):
    cast.asha.name = "=HYPERLINK(A1)"
    db.session.commit()

    assert "'=HYPERLINK(A1)" in [row[0] for row in file_of(client, "/admin/people?format=csv")]


def test_all_that_match_can_be_chosen_and_not_the_page_alone(client, cast):
    newcomers(cast, range(55))
    with client.application.test_request_context("/?role=student&q=comer&all=1&id=3&next=/x"):
        ids = LISTS["people"].matching_ids()

    wanted = select(Person.id).where(Person.name.contains("Comer"))
    assert set(ids) == set(db.session.scalars(wanted))


def test_rows_alone_are_drawn_for_one_who_types(client):
    typed = {"HX-Request": "true", "HX-Target": "people"}

    answer = client.get("/admin/people?q=tara", headers=typed)

    assert answer.text.lstrip().startswith('<div class="stack" id="people">')
    assert "Tara Bose" in answer.text
    assert "Asha Rao" not in answer.text


def test_an_empty_list_says_what_will_come_and_a_narrowed_one_leads_back(client):
    narrowed = rows_of(client.get("/admin/people?q=nobody-of-this-name"), "people")

    assert "Nobody fits these filters" in narrowed
    assert '<a href="/admin/people" class="button button-quiet"><span>Show all people' in narrowed


# ── saved views ──


def save(client, title="Invited", query="role=student&state=invited", **more):
    data = {"list": "people", "title": title, "query": query, "next": "/admin/people", **more}
    return client.post("/admin/views", data=data)


def views():
    return db.session.scalars(select(SavedView).order_by(SavedView.name)).all()


def test_a_view_is_saved_shown_and_followed(client):
    page = client.get("/admin/people?state=not_invited&role=student&page=1")
    query = unescape(re.search(r'name="query" value="([^"]*)"', page.text).group(1))

    answer = save(client, "To invite", query)

    assert "Saved as “To invite”" in flashed(client.get(answer.location))
    link = '<a class="menu-item" href="/admin/people?role=student&amp;state=not_invited"'
    assert link in client.get("/admin/people").text
    assert f'{link} aria-current="true"' in client.get(f"/admin/people?{query}").text


def test_a_view_of_the_same_name_is_replaced(client):
    save(client)
    save(client, query="role=admin")

    assert [each.query for each in views()] == ["role=admin"]


@pytest.mark.parametrize(("title", "why"), [(" ", "Give the view a name."), ("x" * 61, "at most")])
def test_a_view_without_a_sensible_name_is_not_saved(client, title, why):
    assert why in flashed(client.get(save(client, title).location))
    assert views() == []


def test_a_view_whose_filter_is_gone_shows_the_rest_and_says_so(client):
    save(client, query="team=red&state=vanished&role=admin&sort=-age")
    link = re.search(
        r'class="menu-item" href="(/admin/people\?team[^"]*)"', client.get("/admin/people").text
    )

    page = client.get(unescape(link.group(1)))

    assert page.status_code == 200
    rows = rows_of(page, "people")
    assert "does not know “team”, Can sign in “vanished”, the order “-age”" in rows
    assert "Vikram Rao" in rows
    assert "Asha Rao" not in rows


def test_a_view_belongs_to_one_person_and_one_list(client, cast):
    other = transaction(add_person, "Neel Roy", "neel@school.example", Role.ADMIN, by=None)
    save(client)
    (view,) = views()

    assert (
        "Invited"
        in client.get("/admin/people").text.split("view-save")[0].split('class="views"')[1]
    )
    assert 'class="view"' not in client.get("/admin/webhooks").text
    client.sign_in(other)
    assert 'class="view"' not in client.get("/admin/people").text
    assert client.post(f"/admin/views/{view.id}/removals").status_code == 404
    assert views() == [view]


def test_a_view_is_removed(client):
    save(client)
    (view,) = views()

    answer = client.post(f"/admin/views/{view.id}/removals", data={"next": "/admin/people?q=a"})

    assert answer.location == "/admin/people?q=a"
    assert views() == []


def test_a_name_that_no_table_can_keep_is_cleaned(client):
    save(client, "Invi\0ted", "role=stu\0dent")

    assert [(each.name, each.query) for each in views()] == [("Invited", "role=student")]
