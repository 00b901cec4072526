"""What only somebody outside can tell is on Today too: not delivered, not listed, not read."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from ffapp.attendance import participant_check
from ffapp.attendance.models import ParticipantCheck
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.messaging import suppression
from ffapp.messaging.models import EmailLog, Suppression, SuppressionReason, WhatsAppLog
from ffapp.messaging.suppression import suppress
from ffapp.people.consent import record_consent
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.recordings.models import Recording, Transcript
from tests.browse import flashed
from tests.web.admin.today_list import alerts, only, press, signed_in

__all__ = ["alerts", "press", "signed_in"]

ADDRESS = "bounce@students.example"


def logs_say(log, status, reason, **conditions):
    """What a provider tells of messages that it took."""
    db.session.rollback()
    for row in db.session.scalars(db.select(log).filter_by(**conditions)):
        row.status, row.reason, row.status_at = status, reason, clock.now()
    db.session.commit()


@pytest.mark.parametrize(
    ("status", "reason"),
    [("dropped", "Invalid"), ("blocked", "421 try later"), ("bounced", "552 mailbox full")],
)
def test_mails_that_did_not_arrive_are_one_line_until_they_are_seen(
    cast, worker, alerts, press, status, reason
):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    assert alerts() == {}
    logs_say(EmailLog, status, reason)
    only(alerts(), "2 e-mails were", "to 2 people", reason, "Dismiss")

    press()
    assert alerts() == {}

    logs_say(EmailLog, status, "another reason", address=cast.asha.email)
    assert alerts() == {}, "what was seen does not come back with other words"


def test_many_notices_to_one_dead_address_are_one_line(cast, worker, alerts):
    for number in range(4):
        cast.schedule(f"Week {number}", hours=30 + 3 * number)
    worker.drain()
    logs_say(EmailLog, "dropped", "Unsubscribed Address", address=cast.asha.email)

    only(alerts(), "4 e-mails were dropped by SendGrid and not sent to Asha Rao: Unsubscribed")


def test_what_fails_after_the_press_comes_back(cast, worker, alerts, press):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    logs_say(EmailLog, "blocked", "421 try later", address=cast.asha.email)
    only(alerts(), "One e-mail was not delivered to Asha Rao: 421 try later")
    press()

    logs_say(EmailLog, "blocked", "421 try later", address=cast.ravi.email)

    only(alerts(), "One e-mail was not delivered to Ravi Menon")


def test_what_fails_for_another_reason_is_a_line_of_its_own(cast, client, worker, alerts):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    logs_say(EmailLog, "blocked", "421 try later", address=cast.asha.email)
    logs_say(EmailLog, "dropped", "Invalid", address=cast.ravi.email)
    found = alerts()
    assert len(found) == 2
    ((action, fields),) = [told for words, told in found.items() if "421" in words]

    client.post(action, data=fields)

    only(alerts(), "to Ravi Menon", "Invalid")


def test_what_fails_while_the_line_is_read_is_news(cast, client, worker, travel, alerts):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    logs_say(EmailLog, "blocked", "421 try later", address=cast.asha.email)
    ((action, fields),) = alerts().values()
    travel.forward(minutes=1)
    logs_say(EmailLog, "blocked", "421 try later", address=cast.ravi.email)

    client.post(action, data=fields)

    only(alerts(), "to Ravi Menon")


def test_a_message_that_whatsapp_did_not_deliver(cast, worker, alerts, press):
    cast.asha.phone = "+919876500001"
    transaction(record_consent, cast.asha.guardians[0], "whatsapp", True, cast.admin)
    cast.schedule("Week 3", hours=30)
    worker.drain()
    logs_say(WhatsAppLog, "failed", "Not delivered to keep the peace")
    only(
        alerts(), "One WhatsApp message was not delivered to Asha Rao", "keep the peace", "Dismiss"
    )

    press()

    assert alerts() == {}


def test_an_address_that_came_back_is_written_to_again_when_sendgrid_forgets(
    cast, client, worker, travel, alerts, press, mailbox
):
    cast.asha.email = "bounce@students.example"
    db.session.commit()
    cast.schedule("Week 3", hours=30)
    worker.drain()
    only(
        alerts(),
        "Asha Rao gets nothing by e-mail at bounce@",
        "Mail to this address came back",
        "Write there",
    )
    assert store.get("sendgrid", "bounces", ADDRESS) is not None
    page = client.get(f"/admin/people/{cast.asha.id}").text
    assert "Nothing goes to bounce@students.example" in page

    press()
    worker.drain()

    assert alerts() == {}
    assert store.get("sendgrid", "bounces", ADDRESS) is None
    before = len(mailbox(ADDRESS))
    travel.forward(minutes=1)
    cast.schedule("Week 4", hours=60)
    worker.drain()
    assert len(mailbox(ADDRESS)) == before + 1
    only(alerts(), "Asha Rao gets nothing by e-mail")
    page = client.get(f"/admin/people/{cast.asha.id}").text
    assert "let them be written to by e-mail again" in page


def test_an_opt_out_that_comes_meanwhile_is_not_lifted_with_it(cast, client, worker, alerts, press):
    bounced = {"reason": "Mail came back.", "since": clock.now(), "cause": "bounced"}
    db.session.add(Suppression(address=cast.asha.email, **bounced))
    db.session.commit()
    press()
    reason = "The recipient marked our mail as spam."
    transaction(suppress, cast.asha.email, SuppressionReason.OPTED_OUT, reason, clock.now())

    worker.drain()

    assert alerts() == {}
    (holds,) = suppression.of_person(cast.asha)
    assert (holds.cause, holds.reason) == ("opted_out", reason)


def test_a_stop_of_before_the_lifting_that_comes_late_counts(cast, alerts, press):
    cast.asha.phone = "+919876500001"
    silenced = {"reason": "Not on WhatsApp.", "since": clock.now(), "cause": "no_whatsapp"}
    db.session.add(Suppression(address=cast.asha.phone, **silenced))
    db.session.commit()
    press()

    before = clock.now() - timedelta(minutes=1)
    transaction(
        suppress,
        cast.asha.phone,
        SuppressionReason.OPTED_OUT,
        "They wrote STOP on WhatsApp.",
        before,
    )

    assert [each.cause for each in suppression.of_person(cast.asha)] == ["opted_out"]


def test_where_sendgrid_does_not_forget_it_says_so(cast, worker, alerts, press):
    silence = {"reason": "Mail came back.", "since": clock.now(), "cause": "bounced"}
    db.session.add(Suppression(address=cast.asha.email, **silence))
    db.session.commit()
    store.set_switch("sendgrid", "fault", {"kind": "unauthorised"})
    for _ in range(2):
        press()
        worker.drain()

    sentence = only(alerts(), "Mail came back.", "did not: SendGrid does not take")
    assert sentence.count("did not: SendGrid") == 1

    store.set_switch("sendgrid", "fault", None)
    press()
    worker.drain()

    assert alerts() == {}


def test_a_number_without_whatsapp_is_written_to_again_at_once(cast, alerts, press):
    cast.asha.phone = "+919876500001"
    silence = {"reason": "Not on WhatsApp.", "since": clock.now(), "cause": "no_whatsapp"}
    db.session.add(Suppression(address=cast.asha.phone, **silence))
    db.session.commit()
    only(alerts(), "Asha Rao gets nothing by WhatsApp at +91 98765 00001: Not on WhatsApp.")

    press()

    assert alerts() == {}


def test_an_opt_out_is_not_lifted_by_an_admin(cast, client, alerts):
    row = Suppression(address=cast.asha.email, reason="Marked as spam.", since=clock.now())
    db.session.add(row)
    db.session.commit()
    assert alerts() == {}
    page = client.get(f"/admin/people/{cast.asha.id}").text
    assert "Another address has to be given" in page

    answer = client.post(f"/admin/people/{cast.asha.id}/addresses", data={"suppression_id": row.id})

    assert "theirs alone to say" in flashed(client.get(answer.location))
    db.session.refresh(row)
    assert row.holds


def may_list(scopes):
    """What the app may do at Zoom from now on; a new token is fetched for it."""
    store.set_switch("zoom", "scopes", scopes)
    db.session.execute(text("DELETE FROM provider_tokens"))
    db.session.commit()


def test_a_list_of_participants_that_zoom_does_not_give(cast, client, worker, travel, alerts):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.starts_at)
    zoom_live.start(session.zoom_meeting_id)
    travel.to(session.ends_at)
    zoom_live.end(session.zoom_meeting_id)
    worker.drain()
    may_list(["meeting:read:list_past_instances:admin"])
    travel.forward(minutes=10)
    participant_check.check_due()

    def unlisted():
        return {words: told for words, told in alerts().items() if "does not list" in words}

    assert unlisted() == {}, "Zoom counts for a while"
    travel.forward(hours=2)
    said = only(unlisted(), "who was in “Week 3”", "list_past_participants", "Ask Zoom now")
    action, fields = unlisted()[said]

    may_list(None)
    answer = client.post(action, data=fields)
    worker.drain()

    assert answer.location == "/admin/today"
    assert unlisted() == {}


def test_a_class_that_nobody_held_misses_no_list(cast, worker, travel, alerts):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    travel.to(session.ends_at + timedelta(hours=3))
    check = ParticipantCheck(session_id=session.id, over_at=session.ends_at, problem="No such.")
    db.session.add(check)
    db.session.commit()

    assert not [each for each in alerts() if "does not list" in each]


def test_a_transcript_that_was_given_up(cast, worker, travel, alerts, press):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    travel.to(session.ends_at)
    file = Recording(
        session_id=session.id,
        meeting_uuid="first==",
        file_id="t",
        file_type="TRANSCRIPT",
        starts_at=session.starts_at,
        first_seen_at=clock.now(),
    )
    db.session.add(file)
    db.session.flush()
    db.session.add(Transcript(recording_id=file.id, state="failed", reason="It cannot be read."))
    db.session.commit()
    only(alerts(), "The transcript of “Week 3” is not there: It cannot be read.", "Ask again")

    press()

    assert alerts() == {}
    assert db.session.scalar(db.select(Transcript.state)) == "wanted"


def test_a_meeting_that_zoom_does_not_show_after_it_was_changed(cast, worker, alerts, press):
    session = cast.schedule("Week 3", hours=30)
    worker.drain()
    db.session.refresh(session)
    session.zoom_read_problem = "The app lacks a scope."
    session.zoom_read_due_at = clock.now() + timedelta(minutes=15)
    db.session.commit()
    only(alerts(), "meeting of “Week 3” is now", "The app lacks a scope.", "Ask Zoom now")

    press()
    worker.drain()

    assert alerts() == {}
    db.session.refresh(session)
    assert session.zoom_read_due_at is None


def test_that_no_worker_runs_is_said_though_nothing_waits(cast, worker, alerts):
    worker.drain()
    minute = "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, periodic_id)"
    minute += " VALUES ('ledger.sweep', extract(epoch FROM now())::bigint - :ago, 'x')"
    db.session.execute(text(minute), {"ago": 60})
    db.session.commit()
    assert alerts() == {}, "one was there a minute ago"

    db.session.execute(
        text("UPDATE procrastinate_periodic_defers SET defer_timestamp = :at"),
        {"at": int(clock.wall().timestamp()) - 300},
    )
    db.session.commit()
    only(alerts(), "No worker runs", "Look again")

    db.session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    db.session.commit()
    assert alerts() == {}


def test_a_press_takes_up_no_more_than_its_line_counted(cast, client, worker, alerts):
    store.set_switch("sendgrid", "fault", {"kind": "unauthorised"})
    cast.schedule("Week 3", hours=30)
    worker.drain()
    store.set_switch("sendgrid", "fault", None)
    old, *_ = db.session.scalars(db.select(Effect).filter_by(state="failed"))
    old.settled_at = clock.now() - timedelta(days=20)
    db.session.commit()
    ((action, fields),) = alerts().values()

    client.post(action, data=fields)

    db.session.refresh(old)
    assert old.state == "failed"


def test_a_second_try_now_says_that_somebody_was_quicker(client, cast):
    answer = client.post("/admin/today/tries", data={"channel": "zoom"})

    assert "Somebody was quicker" in flashed(client.get(answer.location))
    assert "retries_expedited" not in db.session.scalars(text("SELECT name FROM events")).all()
