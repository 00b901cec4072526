"""Texts of mails: changed, previewed as a real student, gone back from; never lost."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from ffapp.classes.schedule import Plan
from ffapp.classes.series import schedule_weekly
from ffapp.core.db import db, transaction
from ffapp.messaging import compose, templates
from tests.browse import flashed
from tests.cast import HOST

URL = "/admin/messages/templates/class_scheduled"


@pytest.fixture(autouse=True)
def _signed_in(client, cast):
    client.sign_in(cast.admin)


def typed(body, subject="New: {{ title }}", revision=0, **more):
    return {"subject": subject, "body": body, "revision": revision, **more}


def test_every_notice_is_listed_with_whose_text_it_has(client):
    page = client.get("/admin/messages/templates").text

    for title in ("Class scheduled", "Recording available", "Invitation"):
        assert f">{title}</a>" in page
    assert "Your own" not in page


def test_a_saved_text_is_what_students_get(client, cast, worker, mailbox):
    body = "Namaste {{ me.first_name }},\n\n{{ title }}: {{ me.when }} <3\n{{ schedule_url }}"

    answer = client.post(URL, data=typed(body))

    assert "is sent with this text from now on" in flashed(client.get(answer.location))
    cast.schedule("Pricing & profit", hours=30)
    worker.drain()
    (mail,) = mailbox(cast.asha.email)
    assert mail["subject"] == "New: Pricing & profit"
    assert mail["text"].startswith("Namaste Asha,\n\nPricing & profit: ")
    assert "Pricing &amp; profit" in mail["html"]
    assert "&lt;3" in mail["html"]
    assert 'href="http://localhost/schedule"' in mail["html"]


SERIES = "/admin/messages/templates/classes_scheduled"


def _a_series(cast):
    first = datetime(2026, 12, 5, 11, 30, tzinfo=UTC)
    wishes = [Plan(f"Week {n} <3", "", first + timedelta(weeks=n - 1), 60, HOST) for n in (1, 2, 3)]
    transaction(schedule_weekly, cast.cohort, wishes, cast.admin)


def test_a_text_about_several_classes_can_be_changed_too(client, cast, worker, mailbox, travel):
    travel.to(datetime(2026, 11, 23, 6, 30, tzinfo=UTC))
    cast.asha.time_zone = "Europe/London"
    db.session.commit()
    house = html.unescape(client.get(SERIES).text)
    assert "{{ lines }}" in house
    assert "{% for" not in house.partition("</form>")[0]

    body = "Namaste {{ me.first_name }}:\n\n{{ lines }}"
    answer = client.post(SERIES, data=typed(body, subject="{{ count }} classes"))
    assert "is sent with this text from now on" in flashed(client.get(answer.location))
    _a_series(cast)
    worker.drain()

    (mail,) = mailbox(cast.asha.email)
    assert mail["subject"] == "3 classes"
    lines = mail["text"].splitlines()[2:5]
    for number, line in enumerate(lines, 1):
        assert line.endswith(f"): Week {number} <3, 60 minutes")
        assert "5:00 pm IST (for you " in line
    assert mail["html"].count("&lt;3, 60 minutes") == 3
    (ravis,) = mailbox(cast.ravi.email)
    assert "for you" not in ravis["text"]
    frame = client.get(f"{SERIES}/preview?student={cast.ravi.id}", lint=False)
    assert "Week 2 &lt;3, 60 minutes" in frame.text


@pytest.mark.parametrize("name", ["classes_scheduled", "classes_cancelled"])
def test_the_house_text_about_several_classes_can_be_saved_as_it_stands(client, cast, name):
    cast.schedule("Pricing", hours=30)
    subject, body = compose.original(compose.notices[name])

    answer = client.post(f"/admin/messages/templates/{name}", data=typed(body + "!", subject))

    assert answer.status_code == 303, answer.text
    url = f"/admin/messages/templates/{name}/preview?student={cast.asha.id}"
    preview = client.get(url, lint=False)
    assert "Pricing, 60 minutes" in preview.text


def test_the_preview_is_the_mail_of_a_real_student_and_saves_nothing(client, cast):
    cast.schedule("Pricing", hours=30)

    body = "Dear {{ me.first_name }}, {{ title }}."
    answer = client.post(URL, data=typed(body, preview="1", student=cast.ravi.id))

    assert answer.status_code == 200
    assert "Dear Ravi, Pricing." in answer.text
    assert "This is not saved yet" in answer.text
    frame = client.get(f"{URL}/preview?student={cast.ravi.id}", lint=False)
    assert "Dear Ravi, Pricing." in frame.text
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert templates.own_words_of("class_scheduled") is None


@pytest.mark.parametrize(
    ("body", "said"),
    [("{{ tittle }}", "Did you mean {{ title }}?"), ("{{ title", "is not closed")],
)
def test_what_cannot_be_sent_is_said_beside_the_field_and_stays_typed(client, body, said):
    answer = client.post(URL, data=typed(body))

    assert answer.status_code == 422
    assert said in answer.text
    assert body in client.get(URL).text, "also when one comes back later"
    assert templates.own_words_of("class_scheduled") is None


def test_a_mail_with_a_link_cannot_lose_it(client):
    answer = client.post("/admin/messages/templates/invitation", data=typed("Hi", "Welcome"))

    assert answer.status_code == 422
    assert "Without {{ me.link }} nobody can follow the link." in answer.text


def test_the_second_of_two_admins_is_told(client):
    client.post(URL, data=typed("Hello {{ title }}"))

    answer = client.post(URL, data=typed("Goodbye {{ title }}"))

    assert answer.status_code == 409
    assert "This text was saved again meanwhile" in answer.text
    assert "Goodbye {{ title }}" in answer.text
    assert "Drop what I typed" in answer.text
    assert templates.own_words_of("class_scheduled")[1] == "Hello {{ title }}"


def test_a_draft_of_before_a_colleagues_text_says_so_and_is_saved_over_it_knowingly(client, cast):
    client.post(URL, data={**typed("Mine {{ title }}"), "preview": "1"})
    assert "saved again meanwhile" not in client.get(URL).text
    transaction(templates.save, "class_scheduled", "S", "Theirs {{ title }}", 0, cast.asha)

    page = client.get(URL).text
    assert "This text was saved again meanwhile" in page
    assert "Mine {{ title }}" in page
    client.post(URL, data={**typed("Mine {{ title }}"), "revision": 1, "preview": "1"})
    page = client.get(URL).text
    assert "This text was saved again meanwhile" in page, "looking at it does not make it known"
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', page).group(1)
    answer = client.post(URL, data={**typed("Mine {{ title }}"), "revision": revision})

    assert answer.status_code == 303
    assert templates.own_words_of("class_scheduled")[1] == "Mine {{ title }}"


def test_a_draft_of_before_does_not_overwrite_it_unasked(client, cast):
    client.post(URL, data={**typed("Mine {{ title }}"), "preview": "1"})
    transaction(templates.save, "class_scheduled", "S", "Theirs {{ title }}", 0, cast.asha)

    answer = client.post(URL, data=typed("Mine {{ title }}"))

    assert answer.status_code == 409
    assert templates.own_words_of("class_scheduled")[1] == "Theirs {{ title }}"


def test_a_revision_that_is_none_is_refused(client):
    assert client.post(URL, data=typed("Hi {{ title }}", revision="9" * 30)).status_code == 400


def test_one_can_go_back_to_the_text_of_the_house(client, cast, worker, mailbox):
    client.post(URL, data=typed("Hello {{ title }}"))

    client.post(f"{URL}/resets", data={})

    cast.schedule("Pricing", hours=30)
    worker.drain()
    assert "a class was scheduled" in mailbox(cast.asha.email)[0]["text"]
    page = client.get(URL).text
    assert "went back to our own text" in page
    assert "rewrote the e-mail" in page


def test_what_was_typed_can_be_dropped(client, cast):
    client.post(URL, data=typed("{{ wrong"))

    client.post(f"{URL}/resets", data={"draft": "1"})

    assert "{{ wrong" not in client.get(URL).text
    assert templates.draft_of("class_scheduled", cast.admin) is None


def test_what_is_saved_already_is_never_called_unsaved(client, cast):
    client.post(URL, data=typed("Hello {{ title }}"))

    for revision in (1, 0):  # unchanged; and the twin of the form that saved it
        answer = client.post(URL, data=typed("Hello {{ title }}", revision=revision))

        assert answer.status_code == 303
        page = client.get(URL)
        assert "is sent with this text from now on" in flashed(page)
        assert "This is not saved yet" not in page.text
    assert templates.template_of("class_scheduled").revision == 1


def test_going_back_by_hand_to_the_text_in_force_leaves_no_draft(client, cast):
    client.post(URL, data=typed("Hello {{ title }}"))
    client.post(URL, data=typed("Bye {{ title }}", revision=1, preview="1"))

    answer = client.post(URL, data=typed("Hello {{ title }}", revision=1, preview="1"))

    assert "This is not saved yet" not in answer.text
    assert templates.draft_of("class_scheduled", cast.admin) is None


def test_without_a_class_there_is_nothing_to_preview_it_with(client):
    page = client.get(URL).text

    assert "Nothing to preview it with" in page
    assert client.get("/admin/messages/templates/nonsense").status_code == 404
    assert db.session.is_active


def test_who_looks_as_another_student_loses_nothing_that_was_typed(client, cast):
    cast.schedule("Pricing", hours=30)
    page = client.get(URL).text
    assert re.search(r'<select[^>]*name="student"[^>]*form="editor"', page)
    assert re.search(r'<button[^>]*form="editor"[^>]*>(<[^>]*>)*Show', page)

    answer = client.post(
        URL, data=typed("Dear {{ me.first_name }}.", preview=1, student=cast.asha.id)
    )

    assert "Dear {{ me.first_name }}." in answer.text
    assert "Dear Asha." in answer.text
