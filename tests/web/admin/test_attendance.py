"""The attendance of a class: on its page, on the sheet, as a file, corrected and assigned."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from ffapp.attendance import attendance, participant_check
from ffapp.attendance.models import (
    AttendanceOverride,
    ParticipantAssignment,
    ParticipantCheck,
    ParticipantSession,
)
from ffapp.classes import phase
from ffapp.classes.models import ClassSession, MeetingInstance
from ffapp.classes.schedule import cancel
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.people.invite import add_guardian
from ffapp.programme.enrol import enrolment_of, withdraw
from tests.app.test_queries import newcomers
from tests.attending import attend, begin, came, deliver, minute, over, registrant, went
from tests.browse import flashed
from tests.ledger.pupils import enrolled
from tests.web.admin.looking import hidden


@pytest.fixture
def session(cast, worker, travel):
    """A class that was held for an hour: Asha in time, Ravi late, Kabir not at all."""
    session = cast.schedule(hours=1)
    worker.drain()
    begin(session, travel)
    attend(session, cast.asha, 0, 52)
    attend(session, cast.ravi, 12, 60)
    travel.to(minute(session, 60))
    deliver(over(session))
    return session


def sheet(session):
    return f"/admin/classes/{session.id}/attendance"


def row(text, name):
    """The text of one student's row."""
    start = text.index(f">{name}</a>")
    return text[start : text.index("</tr>", start)]


def now(session, person, travel):
    db.session.rollback()
    found = attendance.attendance_of(db.session.get_one(ClassSession, session.id), travel.now)
    return found.get(person.id)


def correct(client, session, person, **said):
    path = f"{sheet(session)}/{person.id}"
    form = client.get(path)
    data = {
        "submission": hidden(form, "submission"),
        "was": "",
        "minutes": "",
        "reason": "",
        **said,
    }
    return client.post(path, data=data)


def assign(client, session, *identities, whose="person", person=None):
    data = {"identity": list(identities), "whose": whose}
    data |= {"person_id": str(person.id)} if person else {}
    return client.post(f"/admin/classes/{session.id}/assignments", data=data)


def identities():
    db.session.rollback()
    return [
        each.identity
        for each in db.session.scalars(select(ParticipantSession).order_by(ParticipantSession.id))
    ]


def events(name):
    db.session.rollback()
    return db.session.scalars(select(Event).filter_by(name=name)).all()


# ── the sheet ──


def test_the_sheet_says_who_came_when_how_long_and_how_late(client, session):
    page = client.get(sheet(session)).text

    assert "2 of 3 students came" in page
    asha, ravi, kabir = (row(page, name) for name in ("Asha Rao", "Ravi Menon", "Kabir Shah"))
    assert ">Present</span>" in asha
    assert ">52</td>" in asha
    assert "known by their personal link" in asha
    assert ">Late</span>" in ravi
    assert "12 min late" in ravi
    assert ">Absent</span>" in kabir
    assert ">–</span>" in kabir


def test_the_sheet_can_be_narrowed_to_those_who_were_absent(client, session):
    page = client.get(f"{sheet(session)}?came=absent").text

    assert "Kabir Shah</a>" in page
    assert "Asha Rao</a>" not in page
    everybody = client.get(f"{sheet(session)}?came=nonsense").text
    assert everybody.count("Correct the attendance of") == 3


def test_before_the_class_everybody_is_expected(client, cast):
    session = cast.schedule(hours=30)

    page = client.get(sheet(session)).text

    assert "3 students expected" in page
    assert page.count(">Expected</span>") == 3
    assert "Ask Zoom now" not in page


def test_nobody_is_expected_in_a_class_that_was_cancelled(client, cast):
    session = cast.schedule(hours=30)
    transaction(cancel, session, "Ill", session.revision, cast.admin)

    page = client.get(sheet(session)).text

    assert "it was cancelled" in page
    assert "expected" not in page.lower()
    assert "Expected" not in client.get(f"{sheet(session)}?format=csv").text


def test_the_card_of_the_class_shows_it_too(client, session):
    card = client.get(
        f"/admin/classes/{session.id}", headers={"HX-Request": "true", "HX-Target": "roster-card"}
    ).text

    assert "2 of 3 came" in card
    assert "12 min late" in row(card, "Ravi Menon")
    assert "· 52 min" in row(card, "Asha Rao")
    assert f'href="{sheet(session)}"' in card


def test_who_is_not_enrolled_any_more_and_was_there_stands_on_the_sheet(client, session, cast):
    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)

    page = client.get(sheet(session)).text

    assert "Not enrolled any more" in row(page, "Asha Rao")
    assert "1 of 2 students came" in page


def test_who_is_enrolled_after_a_class_was_not_absent_from_it(client, session, cast, travel):
    travel.forward(hours=1)
    late = enrolled(cast, "late")

    page = client.get(sheet(session)).text

    assert ">Enrolled later</span>" in row(page, late.name)
    assert "2 of 3 students came" in page


def test_a_disagreement_between_zooms_two_voices_is_said(client, session, cast):
    visit = db.session.scalar(select(ParticipantSession).filter_by(person_id=cast.asha.id))
    visit.listed_joined_at, visit.listed_left_at = visit.joined_at, minute(session, 58)
    db.session.commit()

    text = row(client.get(sheet(session)).text, "Asha Rao")

    assert "webhooks and its list" in text
    assert "They differ" in text
    assert ">58</td>" in text


# ── the file ──


def test_the_file_opens_in_a_spreadsheet_and_computes_nothing(client, session, cast):
    cast.asha.name = '=HYPERLINK("http://x.test","Asha")'
    cast.ravi.name = "रवि मेनन 🚀"
    db.session.commit()
    correct(client, session, cast.kabir, was="present", minutes="30", reason="+91 called, -sick")

    answer = client.get(f"{sheet(session)}?format=csv")

    assert answer.mimetype == "text/csv"
    assert f"attendance-class-{session.id}-" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, *rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert head[4] == "First in (IST)"
    by_mail = {each[1]: dict(zip(head, each, strict=True)) for each in rows}
    asha, ravi, kabir = (by_mail[each.email] for each in (cast.asha, cast.ravi, cast.kabir))
    assert asha["Name"].startswith("'=HYPERLINK")
    assert (asha["Attendance"], asha["Minutes"], asha["Told by"]) == ("Present", "52", "webhooks")
    assert ravi["Name"] == "रवि मेनन 🚀"
    assert (ravi["Attendance"], ravi["Minutes late"]) == ("Late", "12")
    assert (kabir["Minutes"], kabir["Corrected by"]) == ("30", cast.admin.name)
    assert kabir["Reason"] == "'+91 called, -sick"


def test_the_file_says_it_in_the_words_of_the_page(client, cast, worker, travel):
    session = cast.schedule(hours=1)
    worker.drain()
    begin(session, travel)
    deliver(came(session, 0, "a", registrant_id=registrant(session, cast.asha)))

    file = client.get(f"{sheet(session)}?format=csv").data.decode("utf-8-sig")

    assert {each["Attendance"] for each in csv.DictReader(io.StringIO(file))} == {
        "In the class",
        "Expected",
    }


# ── corrections ──


def test_a_correction_says_who_when_and_why_and_survives_what_zoom_tells_later(
    client, session, cast, travel
):
    answer = correct(
        client, session, cast.kabir, was="present", minutes="45", reason="On the phone"
    )
    assert answer.status_code == 303

    deliver(came(session, 0, "k", registrant_id=registrant(session, cast.kabir)))
    deliver(went(session, 3, "k"))
    travel.forward(minutes=10)
    participant_check.check_due()

    text = row(client.get(sheet(session)).text, "Kabir Shah")
    assert ">Present</span>" in text
    assert "Vikram Rao, " in text
    assert "On the phone" in text
    assert ">45<span" in text
    assert "Zoom: 3" in text
    (event,) = events("attendance_overridden")
    assert (event.facts["minutes"], event.facts["person"]) == (45, "Kabir Shah")


def test_absent_counts_no_minutes_and_taking_back_lets_zoom_speak_again(
    client, session, cast, travel
):
    correct(client, session, cast.asha, was="absent", minutes="10", reason="It was her sister")
    assert now(session, cast.asha, travel).minutes == 0

    path = f"{sheet(session)}/{cast.asha.id}/removals"
    for _ in range(2):
        assert client.post(path).status_code == 303

    assert now(session, cast.asha, travel).minutes == 52
    assert len(events("attendance_override_revoked")) == 1


def test_a_second_correction_takes_the_place_of_the_first_which_stays_in_the_history(
    client, session, cast, travel
):
    correct(client, session, cast.asha, was="absent", reason="First")
    correct(client, session, cast.asha, was="present", reason="Second")

    assert now(session, cast.asha, travel).minutes == 52, "no minutes given: as Zoom counts"
    rows = db.session.scalars(select(AttendanceOverride).order_by(AttendanceOverride.id)).all()
    assert [bool(each.revoked_at) for each in rows] == [True, False]


def test_the_form_says_what_is_missing_and_shows_what_stands(client, session, cast):
    page = correct(client, session, cast.asha, minutes="2000")

    assert page.status_code == 422
    for sentence in ("Say whether the student was there", "from 0 to 1440", "Give the reason"):
        assert sentence in page.text
    assert "Zoom counts 52 min" in page.text
    correct(client, session, cast.asha, was="present", minutes="50", reason="Power cut")
    form = client.get(f"{sheet(session)}/{cast.asha.id}").text
    assert 'value="50"' in form
    assert 'value="Power cut"' in form


@pytest.mark.parametrize("who", ["tara", "meera"])
def test_somebody_of_no_concern_to_the_class_cannot_be_corrected(client, session, cast, who):
    person = getattr(cast, who)

    assert client.get(f"{sheet(session)}/{person.id}").status_code == 404
    assert client.post(f"{sheet(session)}/{person.id}/removals").status_code == 404


# ── unmatched participants ──


def test_a_guest_nobody_knows_is_shown_with_what_zoom_said(client, session, cast):
    deliver(came(session, 10, "g1", name="iPhone 🎧"), went(session, 40, "g1"))
    deliver(came(session, 5, "g2", name="Asha Rao", email="mum@home.example", zoom_id="z"))

    page = client.get(sheet(session)).text
    unknown = page[page.index('id="unknown"') : page.index('id="attendance"')]

    assert "iPhone 🎧" in unknown
    assert "A guest: Zoom knows no address" in unknown
    assert ">30</td>" in unknown
    assert "mum@home.example" in unknown
    assert "Asha Rao is called like this." in unknown
    class_page = client.get(f"/admin/classes/{session.id}").text
    assert "2 people in the meeting are not known" in class_page


def test_hints_tell_of_guardians_and_of_two_students_with_one_name(client, session, cast):
    transaction(add_guardian, cast.asha, "Meena", email="meena@home.example")
    twin = enrolled(cast, "twin")
    twin.name = cast.ravi.name
    db.session.commit()
    deliver(came(session, 5, "g1", name="M", email="meena@home.example"))
    deliver(came(session, 6, "g2", name="ravi  menon"))

    page = client.get(sheet(session)).text

    assert "The address of a guardian of Asha Rao." in page
    assert "2 students are called like this." in page
    assert f"Ravi Menon · {twin.email}" in page, "the picker tells them apart"


def test_an_assignment_is_remembered_for_the_rest_of_the_class(client, session, cast, travel):
    deliver(came(session, 10, "g1", name="K", email="k@x.example"), went(session, 20, "g1"))
    answer = assign(client, session, "email:k@x.example", person=cast.kabir)
    assert "K: counted as Kabir Shah" in flashed(client.get(answer.location))

    deliver(came(session, 30, "g2", name="Other", email="k@x.example"), went(session, 45, "g2"))

    assert now(session, cast.kabir, travel).minutes == 25
    page = client.get(sheet(session)).text
    assert 'id="unknown"' not in page
    assert "Assigned by hand" in page
    (event,) = events("participant_assigned")
    assert event.facts["names"] == ["K"]
    assert "assigned by hand" in row(page, "Kabir Shah")


def test_an_admins_word_holds_when_zoom_says_more_of_them_and_is_undone_as_a_whole(
    client, session, cast, travel
):
    deliver(went(session, 20, "g1", name="iPad"))
    assign(client, session, *identities()[-1:], person=cast.kabir)

    deliver(came(session, 5, "g1", name="iPad", registrant_id=registrant(session, cast.ravi)))
    assert now(session, cast.kabir, travel).minutes == 15

    said = db.session.scalars(select(ParticipantAssignment)).one()
    client.post(f"/admin/classes/{session.id}/assignments/{said.id}/removals")

    assert now(session, cast.kabir, travel) is None
    assert now(session, cast.ravi, travel).minutes == 48 + 7


def test_several_at_once_and_undone_one_by_one(client, session, cast, travel):
    for number in range(3):
        user = f"g{number}"
        deliver(came(session, 10 * number, user, name=f"Dev {number}"))
        deliver(went(session, 10 * number + 5, user))
    assign(client, session, *identities()[2:], person=cast.kabir)
    assert now(session, cast.kabir, travel).minutes == 15

    first = db.session.scalars(
        select(ParticipantAssignment).order_by(ParticipantAssignment.id)
    ).first()
    path = f"/admin/classes/{session.id}/assignments/{first.id}/removals"
    for _ in range(2):
        assert client.post(path).status_code == 303

    assert now(session, cast.kabir, travel).minutes == 10
    assert "Dev 0" in client.get(sheet(session)).text
    assert len(events("participant_released")) == 1


def test_a_guest_is_counted_for_nobody(client, session, cast):
    deliver(came(session, 10, "g1", name="Inspector"))

    answer = assign(client, session, *identities()[-1:], whose="guest")

    assert "marked as a guest" in flashed(client.get(answer.location))
    page = client.get(sheet(session)).text
    assert 'id="unknown"' not in page
    assert "A guest" in page
    assert "2 of 3 students came" in page


def test_who_is_assigned_must_be_somebody_of_the_class(client, session, cast):
    deliver(came(session, 10, "g1", name="G"))
    identity = identities()[-1]

    nobody = assign(client, session, identity)
    stranger = assign(client, session, identity, person=cast.tara)
    unticked = assign(client, session, person=cast.asha)
    made_up = assign(client, session, "email:nobody@x", person=cast.asha)

    assert [each.status_code for each in (nobody, stranger, unticked)] == [422, 422, 422]
    assert "Choose which student" in nobody.text
    assert "checked" in nobody.text, "what was ticked stays ticked"
    assert "Tick the participants first" in unticked.text
    assert "Zoom lists nobody by that name" in flashed(client.get(made_up.location))
    assert not db.session.scalars(select(ParticipantAssignment)).all()


def test_what_was_chosen_stays_chosen_and_the_filters_of_the_answer_work(client, session, cast):
    deliver(came(session, 10, "g1", name="G"))

    answer = assign(client, session, person=cast.kabir)

    assert answer.status_code == 422
    assert f'<option value="{cast.kabir.id}" selected>' in answer.text
    filters = re.findall(r'class="filter-chip" href="([^"]+)"', answer.text)
    assert f"{sheet(session)}?came=absent" in filters
    assert {client.get(each).status_code for each in filters} == {200}


# ── asking Zoom ──


def test_zoom_is_asked_when_an_admin_asks_and_the_page_says_what_came_of_it(
    client, session, worker
):
    page = client.get(sheet(session)).text
    assert "read ten minutes after the end" in page

    answer = client.post(f"/admin/classes/{session.id}/participant-checks")
    assert "Zoom is being asked" in flashed(client.get(answer.location))
    worker.drain()

    page = client.get(sheet(session)).text
    assert "Zoom was asked for its list of participants" in page
    assert "Zoom has not counted its participants yet." in page


def test_before_a_class_is_over_zoom_is_not_asked(client, cast):
    session = cast.schedule(hours=2)

    answer = client.post(f"/admin/classes/{session.id}/participant-checks")

    assert "when it is over" in flashed(client.get(answer.location))


# ── links ──


def test_the_class_page_says_how_many_have_a_link_and_why_somebody_has_none(client, cast, worker):
    session = cast.schedule(hours=30)
    worker.drain()
    assert "3 of 3 students" in client.get(f"/admin/classes/{session.id}").text
    refused = enrolled(cast, "refused")
    assert refused.first_name == "Refused"
    worker.drain()

    page = client.get(f"/admin/classes/{session.id}").text

    assert "3 of 4 students" in page
    assert "1 of 4 students have no link of their own" in page
    assert "first_name" in page

    refused.name = "Taken Student"
    db.session.commit()
    answer = client.post(f"/admin/classes/{session.id}/links")
    assert answer.status_code == 303
    worker.drain()

    page = client.get(f"/admin/classes/{session.id}").text
    assert "4 of 4 students" in page
    assert "no link of their own" not in page


# ── a class that nobody counted, and one with many students ──


def test_a_class_that_zoom_did_not_count_makes_nobody_absent(client, cast, worker, travel):
    session = cast.schedule(hours=1)
    worker.drain()
    travel.to(session.ends_at + timedelta(hours=3))

    page = client.get(sheet(session)).text
    assert "Zoom has not counted who came" in page
    assert "Not counted" in page
    assert "Absent" not in page
    assert "Zoom has not counted who came" in client.get(f"/admin/classes/{session.id}").text
    file = client.get(f"{sheet(session)}?format=csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert {(each["Attendance"], each["Minutes"]) for each in rows} == {("Not counted", "")}


def test_a_class_without_a_meeting_says_so_and_what_was_said_by_hand(client, cast, travel):
    session = cast.schedule(hours=1)
    travel.to(session.ends_at + timedelta(hours=3))
    said = {"was": "present", "minutes": "60", "reason": "It was held in the library"}
    client.post(f"{sheet(session)}/{cast.asha.id}", data=said)

    page = client.get(sheet(session)).text

    assert (
        "There was no meeting at Zoom, so nobody was counted; 1 came, as was entered by hand"
        in page
    )
    assert "is read ten minutes after the end" not in page


def test_before_a_class_nobody_can_have_come(client, cast):
    session = cast.schedule(hours=30)
    assert "Correct the attendance of" not in client.get(sheet(session)).text
    said = {"was": "present", "reason": "No"}

    answer = client.post(f"{sheet(session)}/{cast.asha.id}", data=said)

    assert answer.status_code == 422
    assert "The class has not begun" in answer.text


def test_a_class_that_was_held_and_to_which_nobody_came_has_everybody_absent(
    client, cast, worker, travel
):
    session = cast.schedule(hours=1)
    worker.drain()
    travel.to(session.ends_at)
    held = {"started_at": session.starts_at, "ended_at": session.ends_at}
    db.session.add(MeetingInstance(session_id=session.id, zoom_uuid="a==", **held))
    phase.decide_instances(session)
    check = ParticipantCheck(session_id=session.id, over_at=session.ends_at, asked_at=travel.now)
    db.session.add(check)
    db.session.commit()

    page = client.get(sheet(session)).text

    assert "0 of 3 students came" in page
    assert "Absent" in page
    assert "Not counted" not in page


def test_a_large_class_has_pages_which_filters_and_corrections_keep(client, cast, travel):
    cast.cohort.seats = 100
    db.session.commit()
    transaction(newcomers, cast, range(60))
    session = cast.schedule(hours=1)
    travel.to(session.starts_at)
    first = client.get(sheet(session)).text
    assert "page 1 of 2" in first

    second = client.get(f"{sheet(session)}?came=expected&page=2").text

    assert second.count("Correct the attendance of") == 13
    (href,) = set(re.findall(r'href="([^"]+/attendance/\d+\?next=[^"]+)"', second)[:1])
    form = client.get(html.unescape(href)).text
    backs = [html.unescape(each) for each in re.findall(r'name="next" value="([^"]+)"', form)]
    assert f"{sheet(session)}?came=expected&page=2" in backs
    page = client.get(f"/admin/classes/{session.id}").text
    assert "The first 50 of 63." in page
