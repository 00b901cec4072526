"""Calling from the admin: from a person's page, for many, and how it goes."""

import html
import re

import pytest
from sqlalchemy import select

from ffapp.calls.models import CallLog
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.ledger.models import Effect
from ffapp.people.consent import Purpose
from ffapp.people.consent_records import record_consent
from ffapp.people.models import Guardian
from ffapp.providers.simulating import store
from tests.app.test_queries import newcomers
from tests.browse import flashed
from tests.calls.calling import NUMBER, ending, fresh, placed
from tests.web.admin.bulk import follow, undo
from tests.web.admin.looking import hidden

PLAIN = {"script": "Standard call"}


def calls():
    db.session.expire_all()
    return db.session.scalars(select(CallLog).order_by(CallLog.id)).all()


@pytest.fixture
def asha(cast, noon):
    cast.asha.phone = NUMBER
    db.session.commit()
    return cast.asha


def path_of(person):
    return f"/admin/people/{person.id}/calls/new"


def test_a_call_from_the_page_of_a_person(client, asha, worker):
    page = client.get(f"/admin/people/{asha.id}")
    assert path_of(asha) in page.text
    form = client.get(path_of(asha))
    assert "Fee reminder" in form.text
    data = {"script": "Fee reminder", "submission": hidden(form, "submission")}

    shown = follow(client, client.post(path_of(asha), data=data))
    assert "It is placed as soon as its turn comes." in shown.text
    worker.drain()

    (made,) = calls()
    page = client.get(f"/admin/calls/{made.id}")
    assert "Answered" in page.text
    assert "assistant: Namaste Asha" in page.text
    assert "Fee reminder" in page.text
    assert re.search(r"Talk</dt><dd>\d:\d\d minutes", page.text)
    assert re.search(r"Cost at Bolna</dt><dd>\$0\.\d\d", page.text)
    person = html.unescape(client.get(f"/admin/people/{asha.id}").text)
    assert "called Asha Rao: answered" in person
    assert "asked for a call to Asha Rao (“Fee reminder”)" in person


def test_the_form_twice_is_one_call(client, asha):
    key = hidden(client.get(path_of(asha)), "submission")
    for _ in range(2):
        client.post(path_of(asha), data={**PLAIN, "submission": key})

    assert len(calls()) == 1


def test_without_consent_the_page_says_why(client, cast, noon):
    page = client.get(path_of(cast.kabir))
    assert "Kabir Shah has nobody’s consent to calls." in page.text
    assert "Call now" not in page.text

    assert client.post(path_of(cast.kabir), data=PLAIN).status_code == 422
    assert calls() == []


def test_one_who_is_being_called_is_not_called_twice(client, asha):
    client.post(path_of(asha), data=PLAIN)

    assert "Asha Rao is being called already." in client.get(path_of(asha)).text


def test_a_call_at_night_says_when_it_goes(client, asha, noon, worker):
    noon.forward(hours=9, minutes=1)  # 21:01 in India
    client.post(path_of(asha), data=PLAIN)
    worker.drain()

    page = html.unescape(client.get(f"/admin/calls/{calls()[0].id}").text)
    assert "We call between 9 am and 9 pm only: it waits until" in page
    assert "9:00 am IST" in page
    assert placed() == []


def test_a_call_that_waits_is_called_off(client, asha, noon, worker):
    noon.forward(hours=10)
    client.post(path_of(asha), data=PLAIN)
    worker.drain()
    (made,) = calls()

    page = follow(client, client.post(f"/admin/calls/{made.id}/stops"))
    assert "It is called off" in flashed(page)
    assert "Called off" in page.text
    noon.forward(hours=15)
    worker.drain()
    assert placed() == []


def test_a_call_in_bolnas_queue_is_stopped_there(client, call, slow_bolna, worker):
    made = call(ending("503503"))
    page = client.get(f"/admin/calls/{made.id}")
    assert "Bolna has it and dials as soon as a line is free." in page.text

    client.post(f"/admin/calls/{made.id}/stops")
    worker.drain()

    page = client.get(f"/admin/calls/{made.id}")
    assert "Stopped" in page.text
    assert "Call it off" not in page.text


def test_a_call_that_rings_cannot_be_stopped(client, call):
    made = call(ending("999999"))

    page = follow(client, client.post(f"/admin/calls/{made.id}/stops"))

    assert "It cannot be stopped any more" in flashed(page)


def test_the_page_follows_the_call_and_stays_as_it_is_while_nothing_is_new(client, call, worker):
    made = call(ending("999999"))
    page = client.get(f"/admin/calls/{made.id}")
    url = html.unescape(re.search(r'hx-get="(/admin/calls/[^"]+)"', page.text).group(1))
    headers = {"HX-Request": "true", "HX-Target": "call"}

    assert client.get(url, headers=headers).status_code == 204
    stale = client.get(f"/admin/calls/{made.id}?seen=before", headers=headers)
    assert stale.text.lstrip().startswith('<div class="stack" id="call"')


def test_the_third_busy_line_is_one_clear_sentence(client, call, noon, worker, alerts):
    call(ending("486486"))
    for _ in range(4):
        noon.forward(hours=3 if noon.now.hour < 9 else 1)
        worker.drain()
    *_, last = calls()

    assert last.attempt == 3
    page = client.get(f"/admin/calls/{last.id}").text
    assert "The line was busy, for the third time. It is not tried again by itself" in page
    assert "Asha Rao was called three times and not reached" in str(list(alerts()))


def test_the_recording_is_played_through_us_and_that_is_written_down(client, call):
    made = call()
    sound = f"/admin/calls/{made.id}/recording"
    assert client.get(sound, lint=False).status_code == 404

    page = follow(client, client.post(f"/admin/calls/{made.id}/plays"))

    source = html.unescape(re.search(r'<audio[^>]*src="([^"]+)"', page.text).group(1))
    answer = client.get(source, lint=False)
    assert (answer.status_code, answer.mimetype) == (200, "audio/wav")
    assert answer.data[:4] == b"RIFF"
    part = client.get(source, headers={"Range": "bytes=0-3"}, lint=False)
    assert (part.status_code, part.data) == (206, b"RIFF")
    played = db.session.query(Event).filter_by(name="call_recording_played").one()
    assert played.actor == "Vikram Rao"


def test_the_token_of_a_recording_is_for_that_call_and_that_admin(client, call, cast):
    made = call()
    page = follow(client, client.post(f"/admin/calls/{made.id}/plays"))
    token = re.search(r"play=([^\"&]+)", page.text).group(1)
    other = call("+919876543211")

    assert (
        client.get(f"/admin/calls/{other.id}/recording?play={token}", lint=False).status_code == 404
    )
    assert client.get(f"/admin/calls/{made.id}/recording?play=x", lint=False).status_code == 404


# ── many ──


def test_several_are_called_after_a_minute_in_which_it_can_be_undone(
    client, asha, cast, noon, worker
):
    cast.ravi.phone = "+919876543211"
    db.session.commit()
    ids = [asha.id, cast.ravi.id, cast.kabir.id]
    page = client.get("/admin/calls/several", query_string={"id": ids})
    assert "Call 2 people" in page.text
    assert "has nobody’s consent to calls" in page.text

    page = follow(client, client.post("/admin/calls/several", data={**PLAIN, "id": ids[:2]}))
    assert len(calls()) == 2
    worker.drain()
    assert placed() == []

    assert "2 calls are called off" in undo(client, page)
    noon.forward(minutes=2)
    worker.drain()
    assert placed() == []


def test_what_is_not_undone_is_called(client, asha, noon, worker):
    client.post("/admin/calls/several", data={**PLAIN, "id": [asha.id]})
    noon.forward(seconds=61)
    worker.drain()

    assert [act.recipient for act in placed()] == [NUMBER]


def test_a_whole_cohort_of_hundreds_is_planned_by_a_run(client, cast, noon, worker, monkeypatch):
    monkeypatch.setattr("ffapp.calls.request.AT_ONCE", 1)
    monkeypatch.setattr("ffapp.calls.request.CHUNK", 2)
    cast.cohort.seats = 100
    newcomers(cast, range(5))
    for number, guardian in enumerate(db.session.scalars(select(Guardian)).all()):
        guardian.student.phone = f"+9198765{number:05}"
        transaction(record_consent, guardian, Purpose.CALLS, True, cast.admin)
    page = client.get(f"/admin/calls/several?all=1&roster={cast.cohort.id}")
    ids = re.findall(r'name="id" value="(\d+)"', page.text)
    client.post("/admin/calls/several", data={**PLAIN, "id": ids})
    worker.drain()

    assert len(ids) == 8
    assert len(calls()) == 8
    run = db.session.execute(
        db.text("SELECT id, done, failed FROM runs WHERE kind = 'calls'")
    ).one()
    assert (run.done, run.failed) == (8, 0)
    assert "planned 8 of 8 calls" in client.get(f"/admin/runs/{run.id}").text


def test_without_anybody_chosen_there_is_nobody_to_call(client, noon):
    page = follow(client, client.get("/admin/calls/several"))

    assert "Choose the people to call first" in flashed(page)


# ── the list ──


def test_the_list_narrows_and_counts_the_month(client, call, noon):
    call()
    call(ending("902902"))

    page = client.get("/admin/calls")
    assert "2 calls" in page.text
    assert re.search(r"\$0\.\d\d</b> at Bolna", page.text)
    assert (
        "Answered" not in client.get("/admin/calls?state=balance-low").text.partition("<tbody")[2]
    )
    assert client.get("/admin/calls?when=month").text.count("row-link") == 2
    file = client.get("/admin/calls?format=csv&state=completed").data.decode()
    assert "Standard call" in file
    assert file.count("\n") == 2


def test_a_call_in_the_list_of_messages_leads_to_its_page(client, call):
    made = call()

    answer = client.get(f"/admin/messages/{made.effect_id}")

    assert answer.location == f"/admin/calls/{made.id}"
    assert "Asha Rao" in client.get("/admin/messages/each?channel=call").text


# ── alerts ──


def test_an_empty_wallet_is_told_once_until_a_call_goes_through(client, call, noon, alerts):
    call(ending("902902"))
    (sentence,) = alerts()
    assert "Bolna has no money left: 1 call was not made." in sentence

    noon.forward(minutes=1)
    call()
    assert alerts() == {}


def test_a_failed_call_is_told_with_bolnas_words(call, alerts):
    call(ending("404404"))

    (sentence,) = alerts()
    assert "The call to Asha Rao failed: Call recipient number invalid" in sentence


def test_a_call_that_bolna_does_not_tell_of_can_be_asked_about(client, call, noon, alerts, worker):
    store.set_switch("bolna", "fault", None)
    made = call(ending("408408"))
    noon.forward(minutes=61)

    ((sentence, (action, fields)),) = alerts().items()
    assert "Bolna does not say how the call to Asha Rao goes on." in sentence
    client.post(action, data=fields)
    worker.drain()

    assert fresh(made).ended_at is not None
    assert alerts() == {}


def test_a_call_is_found_by_the_name_of_who_was_called(client, call):
    made = call()

    assert f"/admin/calls/{made.id}" in client.get("/admin/search?q=asha").text
    assert clock.now() >= made.created_at
    assert db.session.get_one(Effect, made.effect_id).subject == f"call={made.id}"
