"""The list of classes: what stands in it, what narrows it down, and what it costs."""

from datetime import timedelta

from sqlalchemy import update

from ffapp.classes import phase, queries
from ffapp.classes.models import ClassSession, MeetingInstance
from ffapp.classes.schedule import Plan, cancel, schedule
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.meetings import meeting_status
from ffapp.programme.cohorts import create_cohort
from ffapp.recordings import recording_state
from ffapp.web.rendering import local_time

LIST = {"HX-Request": "true", "HX-Target": "classes"}


def over(session, hours=1):
    """The class is over, and was held."""
    start = clock.now() - timedelta(hours=hours, minutes=60)
    session.starts_at = start
    db.session.add(
        MeetingInstance(
            session_id=session.id,
            zoom_uuid=f"u{session.id}",
            started_at=start,
            ended_at=start + timedelta(minutes=60),
        )
    )
    phase.decide_instances(session)
    db.session.commit()


def meeting_is(session, state, reason=None):
    db.session.execute(
        update(Effect)
        .where(Effect.subject == session.subject, Effect.kind.like("zoom.%"))
        .values(state=state, reason=reason)
    )
    meeting_status.store_state(session)
    db.session.commit()


def test_coming_and_past_are_told_apart_and_counted(client, cast):
    cast.schedule("Selling", hours=3)
    cast.schedule("Pricing", hours=2)
    over(cast.schedule("Testing", hours=4))

    coming = client.get("/admin/classes").text
    past = client.get("/admin/classes?when=past").text

    assert coming.index("Pricing") < coming.index("Selling"), "what comes first stands first"
    assert "Testing" not in coming
    assert "Testing" in past
    assert "Pricing" not in past
    assert [coming.count(f'class="count">{n}<') for n in (2, 1, 3)] == [1, 1, 1]
    every = client.get("/admin/classes?when=all&sort=time").text
    assert every.index("Testing") < every.index("Pricing") < every.index("Selling")


def test_a_row_says_when_in_the_class_zone_and_how_things_stand(client, cast):
    session = cast.schedule("Pricing", hours=30)
    meeting_is(session, "failed", "No.")

    page = client.get("/admin/classes").text

    assert local_time(session.starts_at, "Asia/Kolkata") in page
    assert "Asia/Kolkata" in page
    for chip in ("Scheduled", "Failed"):
        assert f">{chip}</span>" in page


def test_a_class_that_is_over_has_a_state_of_its_recording(client, cast):
    session = cast.schedule("Testing")
    session.zoom_meeting_id = 81234567890
    over(session)
    recording_state.note_ended(timestamp=0)

    assert ">Processing</span>" in client.get("/admin/classes?when=past").text


def test_filters_narrow_it_down_together(client, cast):
    other = transaction(
        create_cohort,
        name="Summer 2027",
        starts_on=cast.cohort.starts_on,
        ends_on=cast.cohort.ends_on,
        seats=5,
        time_zone="Asia/Dubai",
        by=cast.admin,
    )
    wanted = Plan("Pricing abroad", "", clock.now() + timedelta(hours=5), 60, "x@zoom.example")
    transaction(schedule, other, wanted, cast.admin)
    cast.schedule("Pricing here")
    cast.schedule("100% yours")

    def found(query):
        page = client.get(f"/admin/classes?{query}", headers=LIST).text
        return {t for t in ("Pricing abroad", "Pricing here", "100% yours") if t in page}

    assert found("q=pricing") == {"Pricing abroad", "Pricing here"}
    assert found(f"q=pricing&cohort={other.id}") == {"Pricing abroad"}
    assert found("host=X@zoom.example") == {"Pricing abroad"}
    assert found("q=0%25 y") == {"100% yours"}, "a percent sign is no wildcard"
    assert found("q=nothing") == set()
    assert "No class fits" in client.get("/admin/classes?q=nothing").text


def test_needs_attention_shows_what_a_person_must_look_at(client, cast):
    fine = cast.schedule("Fine")
    failed = cast.schedule("Refused")
    unknown = cast.schedule("Unknown")
    called_off = cast.schedule("Called off")
    lost = cast.schedule("Lost recording")
    meeting_is(fine, "sent")
    meeting_is(failed, "failed", "No scope.")
    meeting_is(unknown, "uncertain", "An error page.")
    meeting_is(called_off, "failed", "No scope.")
    transaction(cancel, called_off, "", 1, cast.admin)
    over(lost)
    meeting_is(lost, "sent")
    lost.recording_state, lost.recording_reason = "failed", "No token."
    db.session.commit()

    page = client.get("/admin/classes?when=all&state=attention").text

    for title, there in (
        ("Refused", True),
        ("Unknown", True),
        ("Lost recording", True),
        ("Fine", False),
        ("Called off", False),
    ):
        assert (f">{title}</a>" in page) is there, title


def test_what_the_list_calls_past_is_what_the_class_calls_ended(client, cast):
    sessions = [
        cast.schedule("Ahead"),
        cast.schedule("Just over", minutes=60),
        cast.schedule("Held and running"),
        cast.schedule("Held early"),
    ]
    now = clock.now()
    sessions[1].starts_at = now - timedelta(minutes=70)
    sessions[2].starts_at = now - timedelta(hours=5)
    for session, ended in ((sessions[2], None), (sessions[3], now)):
        db.session.add(
            MeetingInstance(
                session_id=session.id,
                zoom_uuid=f"u{session.id}",
                started_at=now - timedelta(hours=1),
                ended_at=ended,
            )
        )
        phase.decide_instances(session)
    db.session.commit()

    past = db.session.scalars(db.select(ClassSession).where(queries.over(now)))

    assert {each.id for each in past} == {
        each.id
        for each in db.session.scalars(db.select(ClassSession))
        if phase.phase_of(each, now) is phase.Phase.ENDED
    }
