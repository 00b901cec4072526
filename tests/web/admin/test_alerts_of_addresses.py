"""Addresses that take no messages stand on Today until they are written to again."""

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.messaging import suppression
from ffapp.messaging.models import Suppression, SuppressionReason
from ffapp.messaging.suppression import suppress
from ffapp.providers.simulating import store
from tests.browse import flashed
from tests.web.admin.today_list import only

ADDRESS = "bounce@students.example"


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

    assert "only its owner can allow it" in flashed(client.get(answer.location))
    db.session.refresh(row)
    assert row.holds


def test_an_address_that_the_provider_refuses_asks_for_a_correction_once(
    cast, worker, alerts, mailbox
):
    """It was stored before such addresses were refused. The others of its batch get their mail."""
    cast.asha.email = "asha@"
    db.session.commit()
    for title in ("Week 3", "Week 4"):
        cast.schedule(title, hours=30)
        worker.drain()

    only(alerts(), "Asha Rao gets nothing by e-mail at asha@", "Correct the address")
    assert len(mailbox(cast.ravi.email)) == 2
