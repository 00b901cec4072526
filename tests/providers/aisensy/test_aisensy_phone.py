"""The phone among the control pages: what people read, how far it came, what they write back."""

import re

import pytest

from ffapp.providers.aisensy.client import MessageRefused
from ffapp.providers.simulating import store
from tests.providers.receiver import read

from .conftest import NUMBER, message

KABIR = "+919876512345"


def bubbles(page: str) -> list[str]:
    """The words of each bubble."""
    parts = [part.split("</li>")[0] for part in page.split('<li class="bubble')[1:]]
    return [" ".join(re.sub(r"<[^>]+>", " ", part).split()) for part in parts]


def test_the_phone_is_newest_first_and_can_be_searched(pages, aisensy) -> None:
    aisensy.send(message())
    aisensy.send(message(KABIR, "class_cancelled", name="Kabir Shah"))

    page = read(pages, "/phone")

    first, second = bubbles(page)
    assert "will not take place" in first
    assert "Join from http://localhost/schedule when it begins." in second
    assert 'href="http://localhost/schedule"' in page
    assert len(bubbles(read(pages, "/phone?q=kabir"))) == 1
    assert len(bubbles(read(pages, "/phone?q=class_scheduled"))) == 1
    assert len(bubbles(read(pages, "/phone?q=pricing"))) == 2
    assert "No message matches" in read(pages, "/phone?q=%25")


def test_one_persons_phone(pages, aisensy) -> None:
    aisensy.send(message())
    aisensy.send(message(KABIR, name="Kabir Shah"))

    page = read(pages, "/phone?to=%2B919876512345")

    assert len(bubbles(page)) == 1
    assert '<h2 id="owner">Kabir Shah</h2>' in page
    assert "+91 98765 12345" in page
    assert f'<option value="{KABIR}" selected>' in page


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ("543210", ">read<"),
        ("200200", ">delivered<"),
        ("100100", ">sent<"),
        ("300300", ">accepted<"),
        ("131026", "Not on the phone: 131026, not on WhatsApp"),
    ],
)
def test_how_far_a_message_came_is_said_in_a_word(pages, aisensy, ending, says) -> None:
    aisensy.send(message(f"+919876{ending}"))

    assert says in read(pages, "/phone")


def test_the_next_status_is_shown(pages, aisensy, settings, monkeypatch, travel) -> None:
    object.__setattr__(settings, "simulator_speed", 1.0)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    try:
        aisensy.send(message("+919876600600"))
    finally:
        object.__setattr__(settings, "simulator_speed", 0.0)
    travel.forward(seconds=30)

    assert "to come: delivered" in read(pages, "/phone")
    travel.forward(minutes=15)
    page = read(pages, "/phone")
    assert "to come" not in page
    assert ">read<" in page


def test_a_refused_message_is_on_no_phone(pages, aisensy) -> None:
    with pytest.raises(MessageRefused):
        aisensy.send(message("+919876400400"))

    assert "No message yet" in read(pages, "/phone")


def test_a_person_writes_back(pages, aisensy, receiver) -> None:
    aisensy.send(message())

    answer = pages.post("/phone/replies", data={"from": "98765 43210", "text": " Thank you 🙏 "})

    assert answer.status_code == 303
    page = read(pages, answer.headers["Location"])
    assert "The worker posts it" in page
    assert bubbles(page)[0].count("Thank you 🙏") == 1
    assert '<li class="bubble own">' in page
    written = [each["data"]["message"] for each in receiver.deliver()][-1]
    assert written["message_content"] == {"text": "Thank you 🙏"}
    assert (written["userName"], written["phone_number"]) == ("Asha Rao", "919876543210")


def test_somebody_unknown_may_write_first(pages, receiver) -> None:
    pages.post("/phone/replies", data={"from": "+971 50 123 4567", "text": "Hello"})

    assert [each["data"]["message"]["userName"] for each in receiver.deliver()] == [
        "971501234567"
    ] * 2


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"from": "soon", "text": "x"}, "does not look like a phone number"),
        ({"text": "x"}, "does not look like a phone number"),
        ({"from": NUMBER, "text": "  "}, "between 1 and 4096"),
        ({"from": NUMBER, "text": "x" * 4097}, "between 1 and 4096"),
    ],
)
def test_invalid_replies_are_refused_with_the_reason(pages, form, says) -> None:
    answer = pages.post("/phone/replies", data=form)

    assert answer.status_code == 303
    assert says in read(pages, answer.headers["Location"])
    with store.open_store().connect() as connection:
        assert connection.execute(store.callbacks.select()).all() == []


def test_the_journal_leads_to_the_phone(pages, aisensy) -> None:
    aisensy.send(message())

    assert 'href="/phone?to=%2B919876543210"' in read(pages, "/journal?act=whatsapp")
