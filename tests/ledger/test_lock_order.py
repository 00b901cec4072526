"""Admins change classes while workers carry the changes to Zoom: nobody fails, nothing is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, change
from ffapp.core.db import EditConflict, db, transaction
from ffapp.ledger.models import Lane
from ffapp.ledger.perform import perform_due
from ffapp.people.models import Person
from tests.processes import witness

CLASSES, CHANGES = 4, 12


def test_changing_and_performing_do_not_deadlock(cast, app):
    classes = [cast.schedule(f"Class {number}", hours=30).id for number in range(CLASSES)]
    done = threading.Event()
    with ThreadPoolExecutor(4) as threads:
        workers = [threads.submit(_work, app, done) for _ in range(2)]
        admins = [threads.submit(_rename, app, classes, cast.admin.id, who) for who in "ab"]
        for admin in admins:
            admin.result()
        done.set()
        for worker in workers:
            worker.result()

    perform_due(Lane.ACTS, seconds=30)
    db.session.rollback()
    witness.assert_nothing_twice()
    assert not witness.ledger("kind LIKE 'zoom.%' AND state NOT IN ('sent', 'cancelled')")
    for number in classes:
        session = db.session.get_one(ClassSession, number)
        (meeting,) = witness.meetings_at_zoom(session.title)
        assert meeting["id"] == session.zoom_meeting_id
        assert session.zoom_revision == session.revision


def _work(app, done):
    while not done.is_set():
        with app.app_context():
            perform_due(Lane.ACTS, seconds=1)


def _rename(app, classes, admin_id, who):
    """Change each class again and again; who was overtaken by the other admin lets it be."""
    with app.app_context():
        admin = db.session.get_one(Person, admin_id)
        for turn in range(CHANGES):
            session = db.session.get_one(ClassSession, classes[turn % CLASSES])
            plan = Plan(f"Class {who} {turn}", "", session.starts_at, 60, session.zoom_host_email)
            try:
                transaction(change, session, plan, session.revision, admin)
            except EditConflict:
                continue
