from ffapp.db import db
from ffapp.ledger.models import Effect


def test_a_scheduled_class_gets_its_meeting_and_its_notices(cast, worker, mailbox):
    session = cast.schedule(hours=2)

    worker.drain()

    db.session.refresh(session)
    assert session.zoom_meeting_id
    assert {mail["to"] for mail in mailbox()} == {"asha@students.example", "ravi@students.example"}
    states = {(e.kind, e.rule, e.state) for e in db.session.scalars(db.select(Effect))}
    print(states)
