"""A Zoom that makes a meeting long after it was asked about: the second one is deleted."""

from sqlalchemy import text

from ffapp.core.db import db
from ffapp.meetings.meeting_lifecycle import remove_strays
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import state
from tests.at_zoom import effects
from tests.processes import witness

CHECKS = text(
    "SELECT round(extract(epoch FROM scheduled_at - now()) / 60) FROM procrastinate_jobs"
    " WHERE task_name = 'meetings.remove_strays' AND status = 'todo' ORDER BY scheduled_at"
)


def _make_late(meeting):
    """Zoom acts upon the first attempt after all."""
    late = state.new_meeting_id()
    store.put("zoom", "meeting", str(late), {**meeting, "id": late})


def test_a_meeting_that_zoom_made_late_is_deleted(cast, worker, travel):
    store.set_switch("zoom", "fault", {"kind": "drop_before", "path": "/v2/"})
    session = cast.schedule("Twice", hours=10)
    worker.drain()
    assert [each.state for each in effects(session, "zoom.create")] == ["uncertain"]
    store.set_switch("zoom", "fault", None)
    travel.forward(minutes=1)
    worker.drain()  # it is asked about, is not there, and is made
    travel.forward(minutes=1)
    worker.drain()
    (made,) = witness.meetings_at_zoom("Twice")
    assert db.session.scalars(CHECKS).all() == [2, 30]
    _make_late(made)

    (create,) = effects(session, "zoom.create")
    remove_strays(create.id)
    worker.drain()

    assert [each["id"] for each in witness.meetings_at_zoom("Twice")] == [made["id"]]


def test_a_meeting_that_may_become_the_classes_own_is_left_alone(cast, worker):
    store.set_switch("zoom", "fault", {"kind": "drop_after", "path": "/v2/"})
    session = cast.schedule("Once", hours=10)
    worker.drain()
    (create,) = effects(session, "zoom.create")
    assert create.state == "uncertain"
    store.set_switch("zoom", "fault", None)

    remove_strays(create.id)
    worker.drain()

    assert len(witness.meetings_at_zoom("Once")) == 1
