"""Personal links when the meeting is changed or deleted inside Zoom, and when it is back."""

from datetime import timedelta

import pytest

from ffapp.core import config
from ffapp.core.db import db, transaction
from ffapp.meetings import meeting_refresh
from ffapp.meetings.personal_links import link_of
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import meetings
from tests.at_zoom import change_inside, delete_inside, effects, events, told_to_zoom
from tests.ledger.pupils import enrolled
from tests.processes import witness


def test_personal_links_follow_a_new_passcode(session, worker, cast):
    people = (cast.asha, cast.ravi, cast.kabir)
    before = [link_of(session, person) for person in people]
    change_inside(session, password="new1")
    worker.drain()

    db.session.refresh(session)
    after = [link_of(session, person) for person in people]
    pwd = session.zoom_join_url.partition("pwd=")[2]
    assert [each.partition("&pwd=")[0] for each in after] == [
        each.partition("&pwd=")[0] for each in before
    ]
    assert {each.partition("&pwd=")[2] for each in after} == {pwd}
    assert told_to_zoom("registrant.batch") == 1, "nobody is registered again"


def test_registration_switched_off_inside_zoom_leaves_the_common_link(session, worker, cast):
    change_inside(session, settings={"approval_type": 2})
    worker.drain()

    db.session.refresh(session)
    assert not session.zoom_registration
    assert link_of(session, cast.asha) is None
    (event,) = events(session, "meeting_refreshed")
    assert event.facts["what"] == ["registration setting"]


def test_registration_switched_on_inside_zoom_gives_all_a_link(worker, travel, settings, cast):
    zoom = settings.providers["zoom"].changed(personal_links=False)
    config.use(settings.with_provider(zoom))
    session = cast.schedule(hours=30)
    worker.drain()
    db.session.refresh(session)
    travel.forward(minutes=1)
    assert not session.zoom_registration
    change_inside(session, settings={"approval_type": 0})
    worker.drain()

    db.session.refresh(session)
    assert all(link_of(session, person) for person in (cast.asha, cast.ravi, cast.kabir))


def set_approval(session, approval_type):
    """Change inside Zoom how the meeting registers people; the post about it is lost."""
    meeting = store.get("zoom", "meeting", str(session.zoom_meeting_id))
    settings = {**meeting["settings"], "approval_type": approval_type}
    store.put("zoom", "meeting", str(meeting["id"]), {**meeting, "settings": settings})


def test_what_is_refused_while_nobody_registers_is_made_anew_when_somebody_does(
    session, cast, worker, travel
):
    set_approval(session, 2)
    late = enrolled(cast, "late")
    worker.drain()
    refused = effects(session, "zoom.register")[-1]
    assert (refused.state, refused.reason) == (
        "cancelled",
        "The meeting asks nobody to register.",
    )
    db.session.refresh(session)
    assert not session.zoom_registration

    set_approval(session, 0)
    travel.forward(minutes=1)
    transaction(meeting_refresh.request_refresh, session)
    worker.drain()

    db.session.refresh(session)
    assert link_of(session, late)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_registration_of_unknown_fate_waits_until_the_meeting_is_back(
    session, worker, cast, travel, kind
):
    store.set_switch("zoom", "fault", {"kind": kind, "path": "registrants", "times": 1})
    late = enrolled(cast, "late")
    worker.drain()
    delete_inside(session)
    for _ in range(2):
        travel.forward(minutes=1)
        worker.drain()
    assert effects(session, "zoom.register")[-1].state == "uncertain"
    assert session.meeting_state == "gone"

    meetings.recover_meeting(session.zoom_meeting_id)
    for _ in range(3):
        travel.forward(minutes=1)
        worker.drain()

    db.session.refresh(session)
    assert link_of(session, late)
    witness.assert_nothing_twice()


def test_in_the_hour_before_a_class_its_meeting_is_read_once_in_any_case(session, travel):
    store.set_switch("zoom", "webhooks", {"drop": True})
    change_inside(session, password="new1")
    meeting_refresh.refresh_meetings(timestamp=0)
    assert told_to_zoom("meeting.get") == 0, "it is far away"

    travel.to(session.starts_at - timedelta(minutes=59))
    for _ in range(2):
        meeting_refresh.refresh_meetings(timestamp=0)
        travel.forward(minutes=1)

    db.session.refresh(session)
    assert session.zoom_passcode == "new1"
    assert told_to_zoom("meeting.get") == 1


def test_a_class_that_was_moved_inside_zoom_is_moved_though_the_post_was_lost(
    session, worker, travel, cast, mailbox
):
    store.set_switch("zoom", "webhooks", {"drop": True})
    later = session.starts_at + timedelta(minutes=30)
    change_inside(session, start_time=later, duration=90)
    worker.drain()
    told = len(mailbox(cast.asha.email))
    travel.to(session.starts_at - timedelta(minutes=59))

    for _ in range(2):
        meeting_refresh.refresh_meetings(timestamp=0)
        worker.drain()
        travel.forward(minutes=1)

    db.session.refresh(session)
    assert (session.starts_at, session.duration_minutes) == (later, 90)
    assert len(mailbox(cast.asha.email)) == told + 1
    assert told_to_zoom("meeting.update") == 0, "it is not told back"
