"""Texts of mails: changed, previewed as a real student, gone back from; never lost."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from ffapp.classes.schedule import Plan
from ffapp.classes.series import schedule_weekly
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.messaging import compose, templates
from ffapp.messaging.models import MessageTemplate
from ffapp.messaging.notice import Wording
from ffapp.notices.kit.registry import all_notices
from tests.browse import flashed
from tests.cast import HOST

URL = "/admin/messages/templates/class_scheduled"
THEIRS = Wording("S", "Theirs {{ title }}")


def typed(body, subject="New: {{ title }}", revision=0, **more):
    return {"subject": subject, "text": body, "revision": revision, **more}


def test_every_notice_is_listed_with_whose_text_it_has(client):
    page = client.get("/admin/messages/templates").text

    for title in ("Class scheduled", "Recording available", "Invitation"):
        assert f">{title}</a>" in page
    assert "Edited" not in page


def test_a_saved_text_is_what_students_get(client, cast, worker, mailbox):
    body = "Namaste {{ first_name }},\n\n{{ title }}: {{ your_when }} <3\n{{ schedule_url }}"

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
    wanted = [Plan(f"Week {n} <3", "", first + timedelta(weeks=n - 1), 60, HOST) for n in (1, 2, 3)]
    transaction(schedule_weekly, cast.cohort, wanted, cast.admin)


def test_a_text_about_several_classes_can_be_changed_too(client, cast, worker, mailbox, travel):
    travel.to(datetime(2026, 11, 23, 6, 30, tzinfo=UTC))
    cast.asha.time_zone = "Europe/London"
    db.session.commit()
    assert "{{ classes }}" in html.unescape(client.get(SERIES).text)

    body = "Namaste {{ first_name }}:\n\n{{ classes }}"
    answer = client.post(SERIES, data=typed(body, subject="{{ count }} classes"))
    assert "is sent with this text from now on" in flashed(client.get(answer.location))
    _a_series(cast)
    worker.drain()

    (mail,) = mailbox(cast.asha.email)
    assert mail["subject"] == "3 classes"
    for number in (1, 2, 3):
        assert f"GMT)\nWeek {number} <3, 60 minutes\n" in mail["text"]
    assert "5:00 pm IST (for you " in mail["text"]
    assert mail["html"].count("&lt;3, 60 minutes") == 3
    (ravis,) = mailbox(cast.ravi.email)
    assert "for you" not in ravis["text"]
    frame = client.get(f"{SERIES}/preview?student={cast.ravi.id}", lint=False)
    assert "Week 2 &lt;3, 60 minutes" in frame.text


@pytest.mark.parametrize("name", [each.name for each in all_notices() if each.is_editable])
def test_each_standard_text_is_shown_and_can_be_saved_with_one_word_more(client, cast, name):
    cast.schedule("Pricing", hours=30)
    url = f"/admin/messages/templates/{name}"
    standard = compose.notice_named(name).standard

    page = client.get(url)
    answer = client.post(url, data=typed(f"{standard.text}\n\nBye", standard.subject))

    assert "Nothing to preview it with" not in page.text
    assert answer.status_code == 303, answer.text
    page = client.get(url)
    assert "+ Bye" in page.text, "the difference to the standard text"
    assert page.text.count("<iframe") == 1


def test_an_edited_mail_keeps_its_heading_its_bold_time_and_its_button(
    client, cast, worker, mailbox
):
    body = "# It is on\n\nBe there: **{{ your_when }}**\n[Go]({{ schedule_url }})"
    client.post(URL, data=typed(body))
    cast.schedule("Pricing", hours=30)
    worker.drain()

    (mail,) = mailbox(cast.ravi.email)
    assert re.search(r"<h1[^>]*>It is on</h1>", mail["html"])
    assert re.search(r"<strong>[^<]+ IST</strong>", mail["html"])
    assert re.search(r'<a href="http://localhost/schedule"[^>]*background[^>]*>Go<', mail["html"])
    assert "Go" not in mail["text"]


def test_what_is_typed_is_shown_at_once_without_the_rest_of_the_page(client, cast):
    cast.schedule("Pricing", hours=30)
    headers = {"HX-Request": "true", "HX-Target": "preview"}

    part = client.post(
        URL, data=typed("Dear {{ first_name }}", preview="1"), headers=headers, lint=False
    )
    wrong = client.post(URL, data=typed("{{ tittle }}", preview="1"), headers=headers, lint=False)

    assert "Dear Asha" in part.text
    assert "<textarea" not in part.text
    assert wrong.status_code == 422
    assert "Line 1: {{ tittle }} is not known" in wrong.text


def test_a_test_goes_to_the_admin_alone_once_for_each_press(client, cast, worker, mailbox):
    cast.schedule("Pricing", hours=30)
    worker.drain()
    before = len(mailbox())
    page = client.get(URL)
    key = re.search(r'name="submission"[^>]*value="(\w+)"', page.text).group(1)

    for _ in range(2):  # a double click
        answer = client.post(URL, data=typed("Dear {{ first_name }}", test="1", submission=key))
        assert answer.status_code == 303
    assert "A test goes to vikram@futurefounders.example" in flashed(client.get(answer.location))
    worker.drain()

    (mail,) = mailbox(cast.admin.email)
    assert len(mailbox()) == before + 1
    assert mail["subject"] == "Test: New: Pricing"
    assert mail["text"].startswith("Dear Vikram")
    assert templates.saved_wording("class_scheduled") is None
    row = db.session.scalars(db.select(Effect).filter_by(rule="test_message")).one()
    assert row.state == "sent"
    shown = client.get(f"/admin/messages/{row.id}").text
    assert "had a test of the e-mail “Class scheduled” sent to themselves" in shown

    client.post(URL, data=typed("Dear {{ first_name }}", test="1"))
    worker.drain()
    assert len(mailbox(cast.admin.email)) == 2, "another press is another test"


def test_a_test_of_an_invitation_has_no_link_that_works(client, cast, worker, mailbox):
    url = "/admin/messages/templates/invitation"
    standard = compose.notice_named("invitation").standard

    client.post(url, data=typed(standard.text, standard.subject, test="1"))
    worker.drain()

    (mail,) = mailbox(cast.admin.email)
    assert "/links/" not in mail["text"] + mail["html"]
    assert "•••" in mail["text"]


def test_a_test_needs_a_class_that_it_can_be_about(client):
    answer = client.post(URL, data=typed("Dear {{ first_name }}", test="1"))

    assert answer.status_code == 422
    assert "A test needs a class." in answer.text


def test_the_words_on_whatsapp_are_shown_and_not_edited(client, cast):
    cast.schedule("Pricing", hours=30)

    page = client.get(f"{URL}?student={cast.ravi.id}").text
    without = client.get("/admin/messages/templates/reset").text

    assert re.search(r'class="bubble">Hello Ravi, Pricing of Winter 2026 is on ', page)
    assert "Campaign at AiSensy" in page
    assert page.count("<textarea") == 1
    assert "On WhatsApp" not in without


def test_a_text_that_could_not_be_carried_over_stays_readable_until_another_is_saved(client, cast):
    row = MessageTemplate(
        notice="class_scheduled", earlier_text="Old {% if x %}", revision=1, changed_at=clock.now()
    )
    db.session.add(row)
    db.session.commit()

    assert "Old {% if x %}" in client.get(URL).text
    client.post(URL, data=typed("Hello {{ title }}", revision=1))

    assert "Old {% if x %}" not in client.get(URL).text


def test_the_preview_is_the_mail_of_a_real_student_and_saves_nothing(client, cast):
    cast.schedule("Pricing", hours=30)

    body = "Dear {{ first_name }}, {{ title }}."
    answer = client.post(URL, data=typed(body, preview="1", student=cast.ravi.id))

    assert answer.status_code == 200
    assert "Dear Ravi, Pricing." in answer.text
    assert "This is not saved yet" in answer.text
    frame = client.get(f"{URL}/preview?student={cast.ravi.id}", lint=False)
    assert "Dear Ravi, Pricing." in frame.text
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert templates.saved_wording("class_scheduled") is None


@pytest.mark.parametrize(
    ("body", "said"),
    [("{{ tittle }}", "Did you mean {{ title }}?"), ("{{ title", "the name of one variable")],
)
def test_what_cannot_be_sent_is_said_beside_the_field_and_stays_typed(client, body, said):
    answer = client.post(URL, data=typed(body))

    assert answer.status_code == 422
    assert said in answer.text
    assert body in client.get(URL).text, "also when one comes back later"
    assert templates.saved_wording("class_scheduled") is None


def test_a_mail_with_a_link_cannot_lose_it(client):
    answer = client.post("/admin/messages/templates/invitation", data=typed("Hi", "Welcome"))

    assert answer.status_code == 422
    assert "Without {{ link }} nobody can follow the link." in answer.text


def test_the_second_of_two_admins_is_told(client):
    client.post(URL, data=typed("Hello {{ title }}"))

    answer = client.post(URL, data=typed("Goodbye {{ title }}"))

    assert answer.status_code == 409
    assert "This was changed while you were editing" in answer.text
    assert "Goodbye {{ title }}" in answer.text
    assert "Drop what I typed" in answer.text
    assert templates.saved_wording("class_scheduled").text == "Hello {{ title }}"


def test_a_draft_of_before_a_colleagues_text_says_so_and_is_saved_over_it_knowingly(client, cast):
    client.post(URL, data={**typed("Mine {{ title }}"), "preview": "1"})
    assert "while you were editing" not in client.get(URL).text
    transaction(templates.save, "class_scheduled", THEIRS, 0, cast.asha)

    page = client.get(URL).text
    assert "This was changed while you were editing" in page
    assert "Mine {{ title }}" in page
    client.post(URL, data={**typed("Mine {{ title }}"), "revision": 1, "preview": "1"})
    page = client.get(URL).text
    assert "This was changed while you were editing" in page, "looking at it does not make it known"
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', page).group(1)
    answer = client.post(URL, data={**typed("Mine {{ title }}"), "revision": revision})

    assert answer.status_code == 303
    assert templates.saved_wording("class_scheduled").text == "Mine {{ title }}"


def test_one_can_go_back_to_the_standard_text(client, cast, worker, mailbox):
    client.post(URL, data=typed("Hello {{ title }}"))

    client.post(f"{URL}/resets", data={})

    cast.schedule("Pricing", hours=30)
    worker.drain()
    assert "a class was scheduled" in mailbox(cast.asha.email)[0]["text"]
    page = client.get(URL).text
    assert "went back to the standard text" in page
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

    answer = client.post(URL, data=typed("Dear {{ first_name }}.", preview=1, student=cast.asha.id))

    assert "Dear {{ first_name }}." in answer.text
    assert "Dear Asha." in answer.text
