"""A dyno is restarted each day: what runs ends in time, and four others finish, each act once."""

from ffapp.core.db import db
from tests.ledger.pupils import enrolled
from tests.processes import witness
from tests.processes.poll import poll

DUE = 300


def test_a_stopped_worker_leaves_nothing_half_done_and_four_others_finish(cast, running_app):
    session = cast.schedule(hours=30)
    person = enrolled(cast, "silent")
    witness.sql("UPDATE effects SET state = 'cancelled'")
    _plan_that_many_calls(session, person)
    first = running_app.worker()
    poll(lambda: witness.count("state = 'sent'") > 30, "it is in the middle of it")

    first.stop()

    assert first.exit_code == 0
    assert witness.count("state = 'sending'") == 0
    sent = witness.count("state = 'sent'")
    assert witness.count("state = 'planned'") == DUE - sent > 0
    for _ in range(4):
        running_app.worker(wait=False)
    poll(lambda: witness.count("state = 'sent'") == DUE, "all of it is sent")
    witness.assert_nothing_twice()
    assert len(witness.journal_counts()) == DUE
    assert witness.count("attempts > 2") == 0


def _plan_that_many_calls(session, person):
    """Mails for as many causes, so that each is a call of its own."""
    witness.sql(
        "WITH causes AS (INSERT INTO events (name, actor, subject_type, subject_id, facts, at)"
        " SELECT 'class_renamed', 'Vikram Rao', 'sessions', :session,"
        "        jsonb_build_object('changed', jsonb_build_object('title',"
        "        jsonb_build_array('Title ' || n, 'Title ' || n + 1))), now()"
        "   FROM generate_series(1, :count) AS n RETURNING id)"
        " INSERT INTO effects (key, kind, purpose, lane, subject, person_id, payload,"
        "        cause_event_id, rule, due_at, state, attempts, planned_at)"
        " SELECT 'class_renamed\\:event=' || id || '\\:email\\:person=' || :person, 'email',"
        "        'classes', 'messages', :subject, :person,"
        "        jsonb_build_object('class_id', CAST(:session AS int)), id, 'class_renamed',"
        "        now(), 'planned', 0, now() FROM causes",
        session=session.id,
        subject=session.subject,
        person=person.id,
        count=DUE,
    )
    witness.sql("DELETE FROM procrastinate_jobs")
    db.session.rollback()
