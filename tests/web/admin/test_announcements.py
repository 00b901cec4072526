"""Writing to several people: what is asked, who gets it, and undoing it."""

import html
import re

import pytest
from markupsafe import escape
from sqlalchemy import select

from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.messaging.models import Announcement
from tests.app.test_queries import newcomers
from tests.browse import flashed
from tests.web.admin.bulk import follow, undo, undo_url
from tests.web.admin.looking import hidden

TEXT = {"subject": "Bring a calculator", "body": "Hello {{ first_name }},\n\nsee <you> soon."}


pytestmark = pytest.mark.usefixtures("travel")


@pytest.fixture
def write(client, cast):
    def write(*people, **text):
        ids = [person.id for person in people]
        data = {**TEXT, **text, "id": ids}
        return client.post("/admin/announcements", data=data)

    return write


def states():
    db.session.expire_all()
    rows = select(Effect.person_id, Effect.state).where(Effect.rule == "announcement")
    return dict(db.session.execute(rows).all())


def test_a_whole_cohort_is_those_with_a_seat_now(client, cast):
    page = client.get(f"/admin/announcements/new?all=1&cohort={cast.cohort.id}").text

    assert "Write to 3 people" in page
    assert "Meera Iyer" not in page


def test_without_anybody_chosen_there_is_nothing_to_write(client):
    page = follow(client, client.post("/admin/announcements", data={**TEXT, "id": ["x", "9" * 30]}))

    assert "Choose the people to write to first" in flashed(page)


@pytest.mark.parametrize("path", ["/admin/announcements/new", "/admin/announcements"])
def test_coming_back_by_the_address_leads_to_the_people(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer.location) == (303, "/admin/people")


def test_the_way_back_leads_to_the_list_where_they_were_chosen(client, cast, write):
    lists = (f"/admin/cohorts/{cast.cohort.id}", "/admin/people?q=asha&role=student")
    for came_from in lists:
        field = f'name="next" value="{escape(came_from)}"'
        for form in client.get(came_from).text.split('action="/admin/announcements/new"')[1:]:
            assert field in form.partition("</form>")[0]
        page = client.get(
            "/admin/announcements/new", query_string={"id": cast.asha.id, "next": came_from}
        )
        for shown in (page, write(cast.asha, subject=" ", next=came_from)):
            assert shown.text.count(f'href="{escape(came_from)}"') == 2
            assert field in shown.text
        nobody = client.post("/admin/announcements", data={**TEXT, "next": came_from})
        assert nobody.location == came_from


def test_the_way_back_never_leads_elsewhere(write, cast):
    page = write(cast.asha, subject=" ", next="https://evil.example/")

    assert hidden(page, "next") == "/admin/people"


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("subject", " ", "Write something here."),
        ("subject", "x" * 301, "This is longer than 300 characters."),
        ("body", "Hello {{ name }}", "{{ name }} is not known in this message."),
        ("body", "Hello {{ first_name", "the name of one variable and nothing else"),
        ("body", "Hello {{ first_name | upper }}", "the name of one variable and nothing else"),
        ("body", "{% for x in y %}{% endfor %}", "is not needed"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_the_people_stay_chosen(
    cast, write, field, text, words
):
    answer = write(cast.asha, cast.tara, **{field: text})

    assert answer.status_code == 422
    assert words.replace("{{", "{{") in answer.text
    assert f'id="{field}-error"' in answer.text
    assert hidden(answer, "id") == str(cast.asha.id)
    assert states() == {}


def test_each_gets_it_alone_with_their_own_name_after_a_minute(
    client, cast, write, worker, mailbox, travel
):
    write(cast.asha, cast.ravi)
    travel.forward(seconds=59)
    worker.drain()
    assert mailbox() == []

    travel.forward(seconds=1)
    worker.drain()

    (mail,) = mailbox(cast.asha.email)
    assert mail["subject"] == "Bring a calculator"
    assert "Hello Asha,\n\nsee <you> soon." in mail["text"]
    assert "see &lt;you&gt; soon." in mail["html"]
    assert "Hello Ravi," in mailbox(cast.ravi.email)[0]["text"]


def test_the_page_says_who_got_it_and_who_did_not_and_why(
    client, cast, write, worker, mailbox, travel
):
    location = write(cast.asha, cast.kabir, cast.admin).location
    travel.forward(seconds=60)
    worker.drain()

    page = client.get(location).text

    assert "wrote to 3 people" in page
    assert "Guardian of Kabir, the guardian, has refused this." in page
    assert mailbox(cast.kabir.email) == []
    assert len(mailbox(cast.admin.email)) == 1
    only = client.get(f"{location}?state=withheld").text
    assert "kabir@students.example" in only
    assert "asha@students.example" not in only
    about = client.get(f"/admin/messages?subject={announcement().subject}").text
    assert "About “Bring a calculator”" in about


def announcement():
    return db.session.scalars(select(Announcement)).one()


def test_undo_within_the_minute_takes_all_of_it_back(client, cast, write, worker, mailbox, travel):
    page = follow(client, write(cast.asha, cast.ravi))
    travel.forward(seconds=59)

    assert "Undone: 2 messages are taken back." in undo(client, page)

    travel.forward(seconds=60)
    worker.drain()
    assert mailbox() == []
    assert set(states().values()) == {"cancelled"}
    shown = client.get(f"/admin/announcements/{announcement().id}").text
    assert "Nobody got it." in shown
    assert "Undo until" not in shown


def test_the_toast_names_the_second_in_the_admins_own_zone(client, cast, write, travel):
    travel.to(travel.now.replace(hour=11, minute=34, second=30))
    cast.admin.time_zone = "Asia/Kolkata"
    db.session.commit()

    page = follow(client, write(cast.asha))

    assert "17:05:30" in flashed(page)


def test_after_the_minute_undo_says_so_and_changes_nothing(client, cast, write, travel):
    url = undo_url(follow(client, write(cast.asha)))
    travel.forward(seconds=60)

    page = follow(client, client.post(url))

    assert "The minute is over, so nothing was undone" in flashed(page)
    assert states() == {cast.asha.id: "planned"}


def test_undo_twice_is_undone_once(client, cast, write):
    url = undo_url(follow(client, write(cast.asha)))
    client.post(url)

    assert "This was undone before" in flashed(follow(client, client.post(url)))


@pytest.mark.parametrize("text", [{"subject": "Bring\0"}, {"body": "see you\0 soon"}])
def test_a_character_that_no_mail_can_carry_is_left_out(write, cast, text):
    answer = write(cast.asha, **text)

    assert answer.status_code == 303
    row = db.session.scalars(select(Announcement)).one()
    assert "\0" not in row.subject_line + row.body


def test_all_who_fit_the_filters_are_chosen_on_whatever_page_they_stand(client, cast):
    cast.cohort.seats = 100
    db.session.commit()
    transaction(newcomers, cast, range(55))
    address = f"/admin/people?role=student&cohort={cast.cohort.id}&q=example"
    page = client.get(address).text
    assert "All 58 people, not these alone" in page
    chosen = re.search(r'<form id="chosen".*?</form>', page, re.DOTALL).group()
    fields = dict(re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', html.unescape(chosen)))

    form = client.get("/admin/announcements/new", query_string={**fields, "all": "1"}).text

    assert "Write to 58 people" in form
    assert "vikram@" not in form
    assert "meera@" not in form
    assert "not these alone" not in client.get("/admin/people?q=asha").text, "they fit on one page"
