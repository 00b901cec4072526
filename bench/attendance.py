"""A class of 500 from its start to its end: what its webhooks cost, and whether the sum is right.

`python -m bench.attendance`. 1,000 events (each student comes once and goes once, some on two
devices or after a drop), a fifth of them twice, in bursts and out of order, posted to our real
webhook route and handled by a real worker. The floor is the same route and worker with as many
events
from which nothing follows.
"""

import logging
import random
import time
from datetime import datetime, timedelta
from typing import Any

import flask
import structlog
from sqlalchemy import text

from bench.instance import add_students, instance, median_seconds, worker
from ffapp.attendance import attendance
from ffapp.attendance.models import ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.providers.simulating import store
from tests import zoom_posts
from tests.browse import Browser
from tests.cast import make_cast

STUDENTS, MINUTES = 500, 60
SECONDS = MINUTES * 60
BURST, PAUSE = 100, 0.05  # posts at once, and seconds until the next so many
SEED = 7
PATIENCE = 300

Visits = dict[str, list[tuple[int, int]]]  # address → seconds after the start, in and out


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with instance() as app:
        app.test_client_class = Browser
        session = _a_class(clock.now().replace(microsecond=0) - timedelta(hours=2))
        told = _some_visits(random.Random(SEED))
        posts = _shuffled(_posts(session, told))
        with worker():
            _until_handled()  # it has begun
            floor = _deliver(app, [_nothing_follows(each) for each in posts])
            seconds = _deliver(app, posts)
        wrong = _wrong(session, told)
        sheet = median_seconds(lambda: _sheet(session))
    events = 2 * sum(map(len, told.values())) + 2
    print(f"a class of {STUDENTS}: {events} events in {len(posts)} posts, shuffled")
    print(f"  as many posts from which nothing follows     {floor:6.1f} s   1.0")
    ratio = seconds / floor
    print(f"  who came and went, whose it is, its union    {seconds:6.1f} s   {ratio:.1f}", end="")
    print(f"   ({len(posts) / seconds:,.0f} posts a second)")
    print(f"  the sheet of {STUDENTS} students                     {sheet * 1000:6.0f} ms")
    print(f"  sums that are wrong: {wrong} of {STUDENTS}")
    assert not wrong


def _a_class(starts_at: datetime) -> ClassSession:
    """A class in which everybody has a link of their own."""
    store.set_switch("zoom", "webhooks", {"drop": True})
    cast = make_cast()
    session = cast.schedule_at("Bench", starts_at, minutes=MINUTES)
    add_students(cast.cohort.id, STUDENTS)
    statements = (
        "UPDATE sessions SET zoom_meeting_id = 80000000001, zoom_registration = true",
        "INSERT INTO personal_links (session_id, person_id, meeting_id, registrant_id, address,"
        f" join_url, made_at) SELECT {session.id}, id, 80000000001, 'r-' || email,"
        " 'join-' || id || '@ff.test', 'https://zoom.test/w/1', now() FROM people"
        " WHERE email ~ '^s[0-9]+@'",
        "DELETE FROM procrastinate_jobs",
        "DELETE FROM effects",
        "ANALYZE",
    )
    for statement in statements:
        db.session.execute(text(statement))
    db.session.commit()
    db.session.refresh(session)
    return session


def _some_visits(luck: random.Random) -> Visits:
    """One visit for nearly everybody; who drops out or takes a phone as well has two."""
    visits: Visits = {}
    for number in range(1, STUDENTS + 1):
        first = luck.randrange(0, 600)
        last = luck.randrange(SECONDS // 2, SECONDS)
        mine = [(first, last)]
        if number % 10 == 0:  # on a phone beside it
            mine.append((luck.randrange(first, last), luck.randrange(last, SECONDS)))
        elif number % 10 == 5:  # dropped out and came back
            gone = luck.randrange(first + 1, last - 60)
            mine = [(first, gone), (gone + 60, last)]
        visits[f"s{number}@students.example"] = mine
    return visits


def _posts(session: ClassSession, told: Visits) -> list[dict[str, Any]]:
    meeting, start = session.zoom_meeting_id or 0, session.starts_at

    def at(second: int) -> datetime:
        return start + timedelta(seconds=second)

    posts = [
        zoom_posts.started(meeting, start),
        zoom_posts.ended(meeting, start, at(SECONDS)),
    ]
    for address, visits in told.items():
        for number, (first, last) in enumerate(visits):
            user, who = f"{address}-{number}", {"registrant_id": f"r-{address}", "name": address}
            posts.append(zoom_posts.joined(meeting, at(first), user, **who))
            posts.append(zoom_posts.left(meeting, at(last), user, **who))
    return posts


def _shuffled(posts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    luck = random.Random(SEED)
    posts = [*posts, *luck.sample(posts, len(posts) // 5)]
    luck.shuffle(posts)
    return posts


def _nothing_follows(post: dict[str, Any]) -> dict[str, Any]:
    return {**post, "event": "meeting.participant_blinked"}


def _deliver(app: flask.Flask, posts: list[dict[str, Any]]) -> float:
    """Post them in bursts; the seconds until the last is handled."""
    client = app.test_client()
    began = time.perf_counter()
    for first in range(0, len(posts), BURST):
        for post in posts[first : first + BURST]:
            assert zoom_posts.post(client, post).status_code == 204
        time.sleep(PAUSE)
    _until_handled()
    return time.perf_counter() - began


def _until_handled() -> None:
    until = time.monotonic() + PATIENCE
    waiting = text(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'webhooks.handle'"
        " AND status IN ('todo', 'doing')"
    )
    while db.session.scalar(waiting) and time.monotonic() < until:
        db.session.rollback()
        time.sleep(0.02)
    db.session.rollback()


def _wrong(session: ClassSession, told: Visits) -> int:
    """How many sums differ from counting second by second."""
    db.session.rollback()
    ids = dict(db.session.execute(text("SELECT email, id FROM people")).all())  # type: ignore[arg-type]
    rows = db.session.scalars(
        db.select(ParticipantSession).where(ParticipantSession.session_id == session.id)
    ).all()
    spans: dict[int | None, set[int]] = {}
    for visit, found in attendance.count_spans(session, rows, clock.now()):
        for start, end in found:
            seconds = range(
                round((start - session.starts_at).total_seconds()),
                round((end - session.starts_at).total_seconds()),
            )
            spans.setdefault(visit.person_id, set()).update(seconds)
    known = _sheet(session)
    wrong = 0
    for address, visits in told.items():
        expected = {second for first, last in visits for second in range(first, last)}
        minutes = int((len(expected) + 30) // 60)
        mine = known[ids[address]]
        wrong += spans[ids[address]] != expected or mine.minutes != minutes
    return wrong


def _sheet(session: ClassSession) -> dict[int, attendance.Attendance]:
    return attendance.attendance_of(session, clock.now())


if __name__ == "__main__":
    main()
