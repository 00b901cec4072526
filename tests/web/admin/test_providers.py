"""The Providers page: mode, credentials by name, health, webhooks, tests and what is left to do."""

import pytest

from ffapp.core import clock, config
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect, EffectAttempt
from ffapp.providers import connections
from ffapp.providers.registry import PROVIDERS
from ffapp.webhooks.models import WebhookRefusal
from tests.web.admin.looking import hidden, queries_of

KEYS = [each.key for each in PROVIDERS]


@pytest.fixture
def real(settings):
    """Have a provider real for one test, with values that no page may show."""

    def make(key, **values):
        own = settings.providers[key].changed(simulated=False, **values)
        config.use(settings.with_provider(own))

    yield make
    config.use(settings)


def attempts(cast, *outcomes, kind="email"):
    """An effect of that kind with one attempt for each (outcome, reason)."""

    def work():
        now = clock.now()
        effect = Effect(
            key=f"{kind}:{len(outcomes)}",
            kind=kind,
            purpose="classes",
            lane="messages",
            subject=f"person={cast.asha.id}",
            payload={"class_id": 1},
            rule="class_scheduled",
            due_at=now,
            planned_at=now,
            state="failed",
            attempts=len(outcomes),
        )
        db.session.add(effect)
        db.session.flush()
        for number, (outcome, reason) in enumerate(outcomes):
            row = EffectAttempt(effect_id=effect.id, number=number, outcome=outcome, at=now)
            row.reason, row.exchanges = reason, []
            db.session.add(row)
            db.session.flush()
        return effect.id

    return transaction(work)


def test_every_registered_provider_has_its_page(client, cast):
    overview = client.get("/admin/providers").text

    for provider in PROVIDERS:
        assert f'href="/admin/providers/{provider.key}"' in overview
        page = client.get(f"/admin/providers/{provider.key}").text
        assert "Simulated" in page
        assert f"http://localhost/hooks/{provider.key}" in page
        assert f"docs/providers/{provider.key}.md" in page
    assert client.get("/admin/providers/nobody").status_code == 404


@pytest.mark.parametrize("key", KEYS)
def test_variables_are_named_and_no_value_is_shown(client, cast, settings, key):
    own = settings.providers[key]
    page = client.get(f"/admin/providers/{key}").text

    for name, field in type(own).model_fields.items():
        value = getattr(own, name)
        if field.alias and field.json_schema_extra["required"]:
            assert field.alias in page
            assert str(value) not in page


def test_what_is_missing_before_the_switch_is_named(client, cast, monkeypatch):
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.never-shown")
    monkeypatch.setenv("SENDGRID_MODE", "simulated")
    monkeypatch.delenv("SENDGRID_WEBHOOK_PUBLIC_KEY", raising=False)

    page = client.get("/admin/providers/sendgrid").text

    assert "Not set: SENDGRID_WEBHOOK_PUBLIC_KEY." in page
    assert "<code>SENDGRID_MODE</code> decides this" in page
    assert "never-shown" not in page


def test_errors_of_the_last_hour_and_the_last_in_words(client, cast):
    message = attempts(
        cast, ("accepted", None), ("unavailable", "Busy."), ("refused", "Sender unknown.")
    )
    page = client.get("/admin/providers/sendgrid").text

    assert "67 %" in page
    assert "(2 of 3)" in page
    assert "Sender unknown." in page
    assert f'href="/admin/messages/{message}"' in page
    assert "Nothing was tried" in client.get("/admin/providers/aisensy").text


def test_a_refused_post_comes_with_what_to_compare(client, cast):
    client.post("/hooks/sendgrid", data=b"[]", content_type="application/json")
    assert db.session.query(WebhookRefusal).count() == 1

    page = client.get("/admin/providers/sendgrid").text

    assert "Last refused post" in page
    assert "turn on signed webhooks there" in page


def test_a_checked_real_provider_is_ticked_off(client, cast, real, worker):
    real("sendgrid")
    transaction(connections.start_check, cast.admin)
    worker.drain()

    page = client.get("/admin/providers/sendgrid").text

    assert "Calls go to the real one." in page
    assert "takes the key, which may send mail" in page
    assert "Checked while real" in page


def test_a_test_mail_goes_once_to_the_admin(client, cast, worker, mailbox):
    key = hidden(client.get("/admin/providers/sendgrid"), "submission")
    for _ in range(2):  # a double click
        answer = client.post("/admin/providers/sendgrid/tests", data={"submission": key})
        assert answer.status_code == 303
    worker.drain()

    (mail,) = mailbox(cast.admin.email)
    assert mail["subject"].startswith("Test: ")


def test_a_test_on_whatsapp_goes_to_the_admins_number(client, cast, worker):
    assert "no phone number" in client.get("/admin/providers/aisensy").text
    refused = client.post("/admin/providers/aisensy/tests", data={"submission": "x"})
    assert refused.status_code == 303
    cast.admin.phone = "+919876500001"
    db.session.commit()

    key = hidden(client.get("/admin/providers/aisensy"), "submission")
    client.post("/admin/providers/aisensy/tests", data={"submission": key})
    worker.drain()

    row = db.session.scalars(db.select(Effect).filter_by(kind="whatsapp")).one()
    assert (row.state, row.purpose, row.reason) == ("sent", "test", None)
    shown = client.get(f"/admin/messages/{row.id}").text
    assert "had a test of the WhatsApp message" in shown


def test_a_provider_without_a_test_has_none(client, cast):
    assert client.post("/admin/providers/zoom/tests").status_code == 404


def test_the_page_asks_as_often_however_much_was_sent(client, cast):
    few = queries_of(client, "/admin/providers")
    for kind in ("email", "whatsapp", "zoom.create"):
        attempts(cast, *[("accepted", None)] * 5, ("refused", "No."), kind=kind)
    assert queries_of(client, "/admin/providers") - few <= 1
