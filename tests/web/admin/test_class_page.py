"""The page of one class: its meeting, its students, its notices, starting and cancelling it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from ffapp.classes import phase
from ffapp.classes.models import ClassSession, MeetingInstance
from ffapp.classes.schedule import Plan, cancel, change
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.meetings import meeting_status
from ffapp.meetings.entry import join
from ffapp.meetings.models import StartLink
from ffapp.people.invite import add_person
from ffapp.people.models import Role
from ffapp.recordings.recording_state import note_ended
from tests.browse import flashed
from tests.cast import HOST
from tests.web.admin.looking import hidden

NO_SCOPE = "missing-scope@futurefounders.example"


def part(client, session, name):
    """One live part of the page, as it asks for itself."""
    headers = {"HX-Request": "true", "HX-Target": name}
    return client.get(f"/admin/classes/{session.id}", headers=headers).text


def asks_again(text):
    """In how many seconds a part asks again, or None."""
    found = re.search(r'hx-trigger="every (\d+)s"', text)
    return int(found.group(1)) if found else None


def effect_of(session, kind):
    db.session.rollback()
    return db.session.scalar(
        select(Effect).where(Effect.subject == session.subject, Effect.kind == kind)
    )


def zoom_effects_are(session, **values):
    db.session.execute(
        update(Effect)
        .where(Effect.subject == session.subject, Effect.kind.like("zoom.%"))
        .values(**values)
    )
    meeting_status.store_state(session)
    db.session.commit()


# ── the meeting ──


def test_the_meeting_is_being_made_and_then_ready(client, cast, worker):
    session = cast.schedule(hours=30)
    card = part(client, session, "zoom-card")
    assert ">Being made</span>" in card
    assert asks_again(card) == 2

    worker.drain()

    card = part(client, session, "zoom-card")
    db.session.refresh(session)
    assert ">Ready</span>" in card
    assert asks_again(card) is None, "nothing will change by itself, so it stops asking"
    assert f'data-copy="{session.zoom_join_url}"'.replace("&", "&amp;") in card
    assert f'data-copy="{session.zoom_passcode}"' in card
    assert f'data-copy="{session.zoom_meeting_id}"' in card
    assert HOST in card


def test_a_refused_meeting_says_why_and_is_tried_again(client, cast, worker):
    session = cast.schedule(hours=30, host=NO_SCOPE)
    worker.drain()
    page = client.get(f"/admin/classes/{session.id}")
    assert "The meeting could not be made" in page.text
    assert "lacks the scope meeting:write:meeting:admin" in page.text

    session = db.session.get(ClassSession, session.id)
    session.zoom_host_email = HOST
    db.session.commit()
    address = f"/admin/classes/{session.id}/tries"
    data = {"effect": hidden(page, "effect")}
    headers = {"HX-Request": "true", "HX-Target": "zoom-card"}
    card = client.post(address, data=data, headers=headers).text
    assert card.lstrip().startswith('<section class="card" id="zoom-card"')
    assert ">Being made</span>" in card
    assert f'hx-get="/admin/classes/{session.id}"' in card, "not the address that was posted to"

    assert client.post(address, data=data).status_code == 303, "a second click does no harm"
    worker.drain()
    assert ">Ready</span>" in part(client, session, "zoom-card")


def test_a_try_of_another_class_is_not_taken(client, cast, worker):
    mine, other = cast.schedule(hours=30), cast.schedule(hours=40)
    zoom_effects_are(other, state="failed", reason="No.")

    foreign = {"effect": effect_of(other, "zoom.create").id}
    client.post(f"/admin/classes/{mine.id}/tries", data=foreign)

    assert effect_of(other, "zoom.create").state == "failed"


def test_of_an_unknown_fate_it_says_that_it_asks(client, cast):
    session = cast.schedule(hours=30)
    zoom_effects_are(session, state="uncertain", reason="Its answer was an error page.")

    card = part(client, session, "zoom-card")

    assert "Nobody knows yet whether the meeting was made" in card
    assert "error page" in card
    assert asks_again(card) == 2
    assert "Retry" not in card


def test_a_class_that_is_over_needs_no_other_try(client, cast):
    session = cast.schedule(hours=30)
    zoom_effects_are(session, state="failed", reason="No.")
    session.starts_at = clock.now() - timedelta(hours=5)
    db.session.commit()

    card = part(client, session, "zoom-card")

    assert "The meeting could not be made" in card
    assert "Retry" not in card


def test_the_states_of_a_meeting_through_its_life(client, cast, worker):
    session = cast.schedule(hours=30)
    seen = [meeting_status.meeting_status_of(session).state]
    worker.drain()
    db.session.refresh(session)
    seen.append(meeting_status.meeting_status_of(session).state)
    plan = Plan("Worth", "", session.starts_at + timedelta(hours=1), 60, HOST)
    transaction(change, session, plan, 1, cast.admin)
    seen.append(meeting_status.meeting_status_of(session).state)
    worker.drain()
    db.session.refresh(session)
    seen.append(meeting_status.meeting_status_of(session).state)
    transaction(cancel, session, "Ill", 2, cast.admin)
    seen.append(meeting_status.meeting_status_of(session).state)
    worker.drain()
    db.session.refresh(session)
    seen.append(meeting_status.meeting_status_of(session).state)

    assert seen == ["making", "ready", "changing", "ready", "deleting", "deleted"]


def test_a_class_that_will_not_be_recorded_warns(client, cast, worker):
    session = cast.schedule(hours=30)
    worker.drain()
    db.session.refresh(session)
    session.zoom_auto_recording = "none"
    db.session.commit()

    card = part(client, session, "zoom-card")

    assert "will not be recorded by itself" in card


# ── starting as host ──


@pytest.fixture
def ready(cast, worker):
    session = cast.schedule(minutes=10)
    worker.drain()
    db.session.refresh(session)
    return session


def ask_for_link(client, session):
    answer = client.post(f"/admin/classes/{session.id}/start-links")
    assert answer.status_code == 303
    return answer.location


def test_the_admin_waits_for_the_link_and_goes_to_zoom_once(client, worker, ready):
    waiting = ask_for_link(client, ready)
    page = client.get(waiting)
    assert 'hx-trigger="load delay:700ms"' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text

    worker.drain()

    headers = {"HX-Request": "true", "HX-Target": "start-link"}
    told = client.get(waiting, headers=headers)
    assert told.headers["HX-Redirect"] == f"{waiting}/zoom"
    page = client.get(waiting)
    assert f"url={waiting}/zoom" in page.text
    assert "zak=" not in page.text, "the link itself is in no page"
    gone = client.get(f"{waiting}/zoom")
    assert gone.status_code == 302
    assert "zak=" in gone.location

    again = client.get(f"{waiting}/zoom", follow_redirects=True)
    assert "This link was used" in again.text
    assert db.session.scalar(select(StartLink.encrypted_url)) is None


def test_a_link_is_dropped_after_a_minute(client, worker, ready, travel):
    waiting = ask_for_link(client, ready)
    worker.drain()
    travel.forward(seconds=61)

    page = client.get(f"{waiting}/zoom", follow_redirects=True)

    assert "longer than a minute" in page.text
    assert "Ask for another link" in page.text


def test_a_link_is_for_nobody_but_who_asked(client, cast, worker, ready):
    waiting = ask_for_link(client, ready)
    worker.drain()
    other = transaction(add_person, "Nina Das", "nina@ff.example", Role.ADMIN, by=None)
    client.sign_in(other)

    assert client.get(waiting).status_code == 404
    assert client.get(f"{waiting}/zoom").status_code == 404


def test_why_zoom_gave_no_link_is_said_with_a_way_back(client, worker, ready):
    ready.zoom_meeting_id = 81234567890
    db.session.commit()
    waiting = ask_for_link(client, ready)
    worker.drain()

    page = client.get(waiting).text

    assert "Zoom gave no link" in page
    assert "no longer has meeting 81234567890" in page
    assert "Back to the class" in page
    assert 'hx-trigger="load' not in page, "it does not ask any more"


def test_there_is_nothing_to_start_without_a_meeting(client, cast):
    session = cast.schedule(minutes=10)

    assert "Start as host" not in part(client, session, "zoom-card")
    answer = client.post(f"/admin/classes/{session.id}/start-links")
    assert "cannot be started now" in flashed(client.get(answer.location))


# ── the students ──


def test_the_roster_tells_who_pressed_join_when_and_how_often(client, cast, ready, travel):
    travel.to(ready.starts_at - timedelta(minutes=4))
    transaction(join, ready, cast.asha)
    travel.forward(minutes=14)
    transaction(join, ready, cast.asha)
    transaction(join, ready, cast.meera)

    card = part(client, ready, "roster-card")

    assert "1 of 3 pressed Join" in card
    asha = card[card.index("Asha Rao") : card.index("Kabir Shah")]
    first = clock.spell_time(ready.starts_at - timedelta(minutes=4), "Asia/Kolkata")
    assert first in asha
    assert "2 times" in asha
    assert "Not yet" in card[card.index("Ravi Menon") :]
    assert "Not enrolled any more" in card[card.index("Meera Iyer") : card.index("Ravi Menon")]
    assert "Tara" not in card


def test_a_cohort_without_students_says_so(client, cast):
    session = cast.schedule()
    db.session.execute(db.text("UPDATE enrolments SET withdrawn_at = now()"))
    db.session.commit()

    assert "Nobody is enrolled" in part(client, session, "roster-card")


# ── notices and history ──


def test_notices_are_counted_with_the_reasons_of_those_that_did_not_go(client, cast, worker):
    session = cast.schedule(hours=30)
    worker.drain()

    card = part(client, session, "notices-card")

    told = card[card.index("Class scheduled") : card.index("Reminder, a day before")]
    assert "2 <span" in told
    assert ">Sent</span>" in told
    assert told.count("1 withheld: ") == 2, "by mail, and on WhatsApp"
    assert ">Planned</span>" in card[card.index("Reminder, a day before") :]
    assert f"subject=class%3D{session.id}" in card or f"subject=class={session.id}" in card


def test_the_timeline_tells_what_happened_in_the_zone_of_the_class(client, cast, worker):
    session = cast.schedule(hours=30)
    worker.drain()

    card = part(client, session, "timeline-card")

    assert "scheduled “Pricing” for" in card
    assert clock.spell(session.starts_at, "Asia/Kolkata") in card.replace("\N{NO-BREAK SPACE}", " ")
    assert "made the meeting" in card


# ── live ──


def test_parts_ask_again_only_while_something_may_happen(client, cast, worker, travel):
    session = cast.schedule(hours=30)
    worker.drain()
    parts = ("phase-chip", "zoom-card", "roster-card", "notices-card", "timeline-card")

    assert [asks_again(part(client, session, each)) for each in parts] == [None] * 5

    travel.to(session.starts_at - timedelta(minutes=5))
    near = [asks_again(part(client, session, each)) for each in parts]
    assert None not in near

    travel.to(session.ends_at + timedelta(hours=3))
    note_ended(timestamp=0)
    assert [asks_again(part(client, session, each)) for each in parts] == [None] * 5
    assert asks_again(part(client, session, "recordings-card")) == 20


def test_the_chip_says_live_as_long_as_the_meeting_runs(client, cast, ready, travel):
    travel.to(ready.starts_at)
    db.session.add(MeetingInstance(session_id=ready.id, zoom_uuid="u", started_at=clock.now()))
    phase.decide_instances(ready)
    db.session.commit()
    travel.forward(minutes=12)

    chip = part(client, ready, "phase-chip")

    assert "Live</span>" in chip
    assert "for 12 min" in chip


def test_a_part_that_is_not_one_gets_the_whole_page(client, cast):
    session = cast.schedule()

    assert "<h1>" in part(client, session, "head")


# ── cancelling ──


@pytest.fixture
def cancellation(client):
    """The address of the question, and what its form sends with this reason."""

    def ask(session, because):
        path = f"/admin/classes/cancellations?id={session.id}&next=/admin/classes/{session.id}"
        form = client.get(path)
        names = ("id", f"version-{session.id}", "submission", "next")
        return path, {name: hidden(form, name) for name in names} | {"because": because}

    return ask


def test_a_class_is_cancelled_with_a_reason_once(client, cast, cancellation):
    session = cast.schedule(hours=30)
    here = f"/admin/classes/{session.id}"
    assert f"/admin/classes/cancellations?id={session.id}" in client.get(here).text
    path, data = cancellation(session, " The teacher is ill. ")

    answer, twin = client.post(path, data=data), client.post(path, data=data)

    assert answer.location == twin.location == here
    page = client.get(here)
    assert "Pricing is cancelled. We tell the students in a minute." in flashed(page)
    assert "What the students read: The teacher is ill." in page.text
    assert "Cancel class" not in page.text
    assert ">Edit<" not in page.text
    assert client.get(path).location == here
    assert "“Pricing” is cancelled already." in flashed(client.get(here))


def test_a_class_that_was_moved_meanwhile_is_not_cancelled_unseen(client, cast, cancellation):
    session = cast.schedule(hours=30)
    path, data = cancellation(session, "Ill")
    plan = Plan("Worth", session.description, session.starts_at, 60, HOST)
    transaction(change, session, plan, 1, cast.ravi)

    answer = client.post(path, data=data)

    assert answer.status_code == 409
    assert "“Worth” was changed while you were here" in answer.text
    assert 'value="Ill"' in answer.text
    version = f"version-{session.id}"
    data[version] = hidden(answer, version)
    assert client.post(path, data=data).status_code == 303
    db.session.refresh(session)
    assert session.cancelled_because == "Ill"


def test_a_reason_may_be_left_out_and_must_not_be_a_novel(client, cast, cancellation):
    session = cast.schedule(hours=30)

    for because, status in (("x" * 301, 422), ("", 303)):
        path, data = cancellation(session, because)
        assert client.post(path, data=data).status_code == status
    assert "No reason was given" in client.get(f"/admin/classes/{session.id}").text
