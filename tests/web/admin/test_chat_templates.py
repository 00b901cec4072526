"""Texts for WhatsApp: changed once AiSensy knows their campaign, previewed, gone back from."""

import re

import pytest

from ffapp.core.db import db, transaction
from ffapp.messaging import chat_templates, chat_wording, compose
from ffapp.people.consent import record_consent
from ffapp.providers.aisensy.campaigns import TEMPLATES, campaign_of
from ffapp.providers.aisensy.simulator.switches import PROVIDER
from ffapp.providers.simulating import store
from tests.browse import flashed

URL = "/admin/messages/templates/class_scheduled/whatsapp"
OWN = "Namaste {{ me.first_name }}! {{ title }} begins {{ when }}. See {{ schedule_url }} for more."
AT_AISENSY = "Namaste {{1}}! {{2}} begins {{3}}. See {{4}} for more."


@pytest.fixture(autouse=True)
def _signed_in(client, cast):
    client.sign_in(cast.admin)


@pytest.fixture
def on_whatsapp(cast):
    cast.asha.phone = "+919876500001"
    db.session.commit()
    transaction(record_consent, cast.asha.guardians[0], "whatsapp", True, cast.admin)


def made_at_aisensy(client, name="new v2", text=AT_AISENSY):
    return client.post("/simulators/campaigns", data={"name": name, "text": text}, lint=False)


def typed(text=OWN, campaign="new v2", **more):
    return {"text": text, "campaign": campaign, **more}


def phone(number):
    return [each["text"] for each in _sent() if each["recipient"] == number]


def _sent():
    with store.open_store().connect() as connection:
        rows = connection.execute(store.journal.select().where(store.journal.c.act == "whatsapp"))
        return [{"recipient": row.recipient, **row.facts} for row in rows]


def test_a_text_is_used_once_aisensy_knows_its_campaign(client, cast, worker, on_whatsapp):
    assert made_at_aisensy(client).status_code == 303

    answer = client.post(URL, data=typed())

    assert "AiSensy is being asked" in client.get(answer.location).text
    assert chat_templates.used_of("class_scheduled") is None
    worker.drain()
    page = client.get(URL).text
    assert "Students get this text" in page
    assert "heard from AiSensy that it carries" in page
    cast.schedule("Pricing & profit", hours=30)
    worker.drain()
    (text,) = phone("+919876500001")
    assert text.startswith("Namaste Asha! Pricing & profit begins ")
    assert text.endswith(". See http://localhost/schedule for more.")


def test_what_aisensy_does_not_know_is_not_used_and_can_be_asked_about_again(
    client, cast, worker, on_whatsapp
):
    client.post(URL, data=typed())
    worker.drain()

    page = client.get(URL).text
    assert "Students still get the text before it" in page
    assert "AiSensy knows no campaign “new v2”" in page
    assert OWN in page.replace("&#39;", "'"), "what was typed stays in the form"
    cast.schedule("Pricing", hours=30)
    worker.drain()
    assert phone("+919876500001")[0].startswith("Hello Asha, Pricing of")

    made_at_aisensy(client)
    client.post(f"{URL}/questions")
    worker.drain()
    assert chat_templates.used_of("class_scheduled").campaign == "new v2"


def test_a_campaign_of_another_number_of_variables_is_refused(client, worker):
    made_at_aisensy(client, text="Only {{1}} here.")

    client.post(URL, data=typed())
    worker.drain()

    assert "takes another number of parameters (1) than we send (4)" in client.get(URL).text


def test_while_aisensy_is_away_the_text_waits_for_a_second_question(client, worker):
    made_at_aisensy(client)
    store.set_switch(PROVIDER, "fault", {"kind": "down"})
    client.post(URL, data=typed())
    worker.drain()
    assert chat_templates.newest_of("class_scheduled").state == "refused"

    store.set_switch(PROVIDER, "fault", None)
    client.post(f"{URL}/questions")
    worker.drain()

    assert chat_templates.newest_of("class_scheduled").state == "used"


def test_a_newer_text_takes_the_place_of_the_one_before_and_one_can_go_back(client, worker):
    for version in ("one", "two"):
        made_at_aisensy(client, version)
        client.post(URL, data=typed(campaign=version))
        worker.drain()
    assert chat_templates.used_of("class_scheduled").campaign == "two"

    answer = client.post(f"{URL}/resets")

    assert "Our own text is used again" in flashed(client.get(answer.location))
    assert chat_templates.campaign_for("class_scheduled").name == "class_scheduled"
    assert "went back to our own" in client.get(URL).text


def test_an_answer_about_a_text_that_was_taken_back_changes_nothing(client, worker):
    made_at_aisensy(client)
    client.post(URL, data=typed())
    client.post(f"{URL}/resets")

    worker.drain()

    assert chat_templates.used_of("class_scheduled") is None


def test_the_preview_is_what_a_real_student_would_read_and_saves_nothing(client, cast):
    cast.schedule("Pricing", hours=30)

    answer = client.post(URL, data=typed(preview="1", student=cast.ravi.id))

    assert "Namaste Ravi! Pricing begins " in answer.text
    assert "This is not saved yet" in answer.text
    assert AT_AISENSY in answer.text, "what AiSensy has to be told"
    assert chat_templates.newest_of("class_scheduled") is None


def test_what_is_secret_is_not_shown_in_a_preview(client, cast):
    page = client.get("/admin/messages/templates/invitation/whatsapp").text

    assert "Choose a password at •••" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Write the text"),
        ("Hello {{ tittle }} there", "Did you mean {{ title }}?"),
        ("Hello {{ title there", "stands one variable and nothing else"),
        ("Hello {% if title %} there", "stands one variable and nothing else"),
        ("Hello {{ title | upper }} there", "stands one variable and nothing else"),
        ("Hello {{1}} there", "write the variable’s name"),
        ("{{ title }} is on", "begins or ends with a variable"),
        ("It is {{ title }}", "begins or ends with a variable"),
        ("Hello {{ can_join }} there", "not known in this message"),
        ("a" * 1025, "longer than 1,024 characters"),
    ],
)
def test_what_whatsapp_would_not_approve_is_said_beside_the_field(client, text, said):
    answer = client.post(URL, data=typed(text))

    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "'")
    assert chat_templates.newest_of("class_scheduled") is None


def test_a_link_that_must_be_there_is_asked_for(client):
    answer = client.post(
        "/admin/messages/templates/invitation/whatsapp", data=typed("Hello there, come in.")
    )

    assert "Without {{ me.link }} nobody can follow the link." in answer.text


def test_a_campaign_that_carries_another_notice_is_not_taken(client):
    answer = client.post(URL, data=typed(campaign="class_moved"))

    assert answer.status_code == 422
    assert "This campaign carries “Class moved”, with another text." in answer.text


@pytest.mark.parametrize("notice", TEMPLATES)
def test_the_text_of_the_house_can_be_written_as_an_admins(settings, cast, notice):
    campaign = campaign_of(settings.providers["aisensy"], notice)
    variables = compose.notices[notice].variables

    text = chat_wording.text_of(campaign)

    assert chat_wording.problems(text, chat_wording.variables_of(variables), ()) == []
    assert chat_wording.template_of(text) == campaign.template


def test_what_students_get_already_is_not_asked_about(client):
    text = chat_wording.text_of(chat_templates.campaign_for("class_scheduled"))

    answer = client.post(URL, data=typed(text, "class_scheduled"))

    assert "That is what students get already" in flashed(client.get(answer.location))
    assert chat_templates.newest_of("class_scheduled") is None


def test_a_notice_that_whatsapp_does_not_carry_has_no_such_page(client):
    assert client.get("/admin/messages/templates/reset/whatsapp").status_code == 404
    assert "Not sent there" in client.get("/admin/messages/templates").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "", "text": "Hi"}, "Give a name"),
        ({"name": "class_moved", "text": "Hi"}, "of that name already"),
        ({"name": "x", "text": "Hi {{2}} there"}, "without a gap"),
        ({"name": "x", "text": "{{1}} there"}, "begins or ends"),
    ],
)
def test_the_simulated_project_makes_no_campaign_that_whatsapp_would_refuse(client, form, said):
    answer = client.post("/simulators/campaigns", data=form, lint=False)

    assert said in client.get(answer.location, lint=False).text
    assert store.find(PROVIDER, "campaign") == []


def test_a_campaign_can_be_removed_at_the_simulated_project(client):
    made_at_aisensy(client)

    client.post("/simulators/campaigns/removals", data={"name": "new v2"}, lint=False)

    assert "new v2" not in client.get("/simulators/campaigns", lint=False).text


def test_the_part_that_is_asked_for_again_brings_whose_text_it_is(client, worker):
    made_at_aisensy(client)
    client.post(URL, data=typed())
    worker.drain()

    part = client.get(URL, headers={"HX-Request": "true", "HX-Target": "chat-state"}, lint=False)

    assert "Students get this text" in part.text
    assert 'hx-swap-oob="true"' in part.text
    assert "Your own text" in part.text
    assert "<textarea" not in part.text


def test_beside_a_text_that_cannot_be_read_nothing_is_said_of_the_one_before(client, worker):
    made_at_aisensy(client)
    client.post(URL, data=typed())
    worker.drain()

    assert "Students get this text" not in client.post(URL, data=typed("{{ no")).text


def test_the_entry_of_messages_is_marked_on_the_pages_below_it(client):
    assert re.search(r'aria-current="page"[^>]*>(<[^s].*?>)*.*?Messages', client.get(URL).text)
