"""Error reports: where it was and about which ids, and no personal data."""

import json
import os
import subprocess
import sys

import pytest
import sentry_sdk
import structlog
from sentry_sdk.transport import Transport

from ffapp.core import error_reports
from ffapp.core.db import db
from ffapp.people.models import Person
from tests.ledger.conftest import many_parcels, parcels
from tests.log_lines import logged

__all__ = ["many_parcels", "parcels"]

DSN = "https://key@reports.test/7"
LEAST = {"DATABASE_URL": "postgres://u:p@db/x", "SECRET_KEY": "0123456789abcdef"}


class Captured(Transport):
    """Takes the place of the network, and keeps what would have left."""

    def __init__(self, options=None):
        super().__init__(options)
        self.envelopes = []

    def capture_envelope(self, envelope):
        self.envelopes.append(envelope)

    @property
    def events(self):
        return [each.get_event() for each in self.envelopes]

    @property
    def bytes(self):
        return b"".join(each.serialize() for each in self.envelopes).decode()


@pytest.fixture
def sent():
    """The reports to a Sentry that is not there."""
    captured = Captured()
    error_reports.start(DSN, transport=captured)
    with logged():
        yield captured
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    error_reports._is_on = False


@pytest.fixture
def breaks(app, monkeypatch):
    """Lets that view break over a person, whose row is at hand and whose data is in the words."""

    def break_view(endpoint, person_id):
        def view(**values):
            person = db.session.get_one(Person, person_id)
            words = f"{person.name} {person.email} {person.phone} has no guardian"
            raise LookupError(words)

        monkeypatch.setitem(app.view_functions, endpoint, view)
        monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    return break_view


def assert_nobody_in(text, cast):
    """None of the cast's names, addresses and numbers stands there."""
    for person in (cast.admin, cast.asha, cast.ravi, cast.kabir, cast.meera, cast.tara):
        for word in (person.name, person.first_name, person.email, person.phone):
            assert not word or word not in text, word


def test_a_view_that_breaks_is_reported_once_with_the_id_of_the_request(client, cast, sent, breaks):
    breaks("student.home", cast.asha.id)
    client.sign_in(cast.asha)

    answer = client.get("/home")

    (event,) = sent.events
    assert event["tags"] == {
        "request_id": answer.headers["X-Request-ID"],
        "event": "request.failed",
    }
    (exception,) = event["exception"]["values"]
    assert exception["type"] == "LookupError"
    assert exception["stacktrace"]["frames"][-1]["function"] == "view"


def test_nothing_that_people_sent_goes_along(client, cast, sent, breaks):
    breaks("public.access_link", cast.kabir.id)
    secret = "a-link-that-signs-somebody-in"

    client.post(
        f"/links/{secret}?email={cast.kabir.email}",
        data={"name": cast.kabir.name, "phone": cast.kabir.phone},
        headers={"Cookie": "theme=dark; remember=the-cookie-of-asha"},
    )

    assert len(sent.envelopes) == 1
    assert_nobody_in(sent.bytes, cast)
    for word in (secret, "the-cookie-of-asha", "csrf_token", "vars"):
        assert word not in sent.bytes


def test_the_causes_of_what_broke_keep_their_words_too(cast, sent):
    try:
        try:
            raise ValueError(cast.asha.email)
        except ValueError as error:
            raise LookupError(cast.asha.name) from error
    except LookupError:
        structlog.get_logger().exception("it.broke")

    (event,) = sent.events
    assert [each["type"] for each in event["exception"]["values"]] == ["ValueError", "LookupError"]
    assert_nobody_in(sent.bytes, cast)


def test_a_job_that_breaks_is_reported_once_with_job_and_effects(cast, sent, parcels, worker):
    effect = parcels.plan()

    def break_down():
        raise LookupError(f"{cast.asha.name} {cast.asha.email}")

    parcels.while_recording = break_down
    with pytest.raises(AssertionError, match="jobs failed"):
        worker.drain()

    (event,) = sent.events
    assert event["tags"]["effects"] == str(effect.id)
    assert event["tags"]["task"] == "ledger.perform"
    assert int(event["tags"]["job"]) > 0
    assert_nobody_in(sent.bytes, cast)


def test_a_call_that_breaks_is_reported_with_its_effects(cast, sent, many_parcels, worker):
    effects = many_parcels.plan_many("parcel", range(1001, 1003))

    def answer(prepared):
        raise LookupError(cast.ravi.email)

    many_parcels.answer = answer
    worker.drain()

    (event,) = sent.events
    assert event["tags"]["effects"] == ",".join(str(effect.id) for effect in effects)
    assert event["tags"]["event"] == "ledger.call_broke"
    assert_nobody_in(sent.bytes, cast)


def test_what_is_logged_without_a_traceback_is_not_reported(sent):
    log = structlog.get_logger()
    log.error("worker.stopping")
    try:
        raise ConnectionError("it passes")
    except ConnectionError:
        log.warning("worker.begins_again", exc_info=True)

    assert sent.envelopes == []


def test_whatever_else_comes_along_stays_here():
    frame = {"vars": {"name": "Asha"}}
    event = {
        "event_id": "0" * 32,
        "request": {"data": {"name": "Asha"}, "cookies": "c", "headers": {"h": "v"}},
        "user": {"email": "asha@students.example"},
        "breadcrumbs": {"values": [{"message": "Asha"}]},
        "extra": {"name": "Asha"},
        "tags": {"event": "request.failed", "name": "Asha"},
        "exception": {"values": [{"value": "Asha", "stacktrace": {"frames": [frame]}}]},
    }

    kept = error_reports.remove_personal_data(event, {})

    assert "Asha" not in json.dumps(kept)
    assert set(kept) == {"event_id", "tags", "exception"}
    assert kept["exception"]["values"][0]["stacktrace"]["frames"] == [{}]


@pytest.mark.parametrize(("dsn", "imported"), [("", False), (DSN, True)])
def test_the_sdk_is_imported_only_where_there_is_somebody_to_report_to(dsn, imported):
    ask = "import sys\nimport wsgi\nprint('sentry_sdk' in sys.modules)"
    environment = {"PATH": os.environ["PATH"], **LEAST, "SENTRY_DSN": dsn}

    done = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == [str(imported)]
