"""SendGrid's own SDK, unchanged, against the simulator over a real socket."""

import threading
from collections.abc import Iterator

import pytest
from python_http_client import exceptions
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import CustomArg, Mail, Personalization, Substitution, To
from werkzeug.serving import make_server

from ffapp import simulators
from ffapp.providers.simulating import store


@pytest.fixture
def host(settings) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, simulators.create_api(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/sendgrid"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sdk(settings, host) -> SendGridAPIClient:
    client = SendGridAPIClient(settings.providers["sendgrid"].api_key, host=host)
    client.client.timeout = 5
    return client


def letter(settings, to: str = "asha@example.com") -> Mail:
    return Mail(
        from_email=settings.providers["sendgrid"].from_email,
        to_emails=to,
        subject="Hello",
        plain_text_content="See you, -name-.",
        html_content="<p>See you, -name-.</p>",
    )


def test_a_mail_of_the_sdk_is_sent(settings, sdk, receiver) -> None:
    message = letter(settings)
    person = Personalization()
    person.add_to(To("kabir@example.com", "Kabir"))
    person.add_substitution(Substitution("-name-", "Kabir"))
    person.add_custom_arg(CustomArg("effect_id", "7"))
    message.add_personalization(person)
    answer = sdk.send(message)
    assert (answer.status_code, answer.body, answer.to_dict) == (202, b"", None)
    assert len(answer.headers["X-Message-Id"]) == 22
    with store.open_store().connect() as connection:
        rows = connection.execute(store.journal.select()).all()
    told = {row.recipient: (row.effect_id, row.facts["text"]) for row in rows}
    assert told == {
        "asha@example.com": (None, "See you, -name-."),
        "kabir@example.com": ("7", "See you, Kabir."),
    }
    assert {row["event"] for row in receiver.deliver()} == {"processed", "delivered"}


def test_the_sdk_reads_scopes_and_suppressions(settings, sdk) -> None:
    assert "mail.send" in sdk.client.scopes.get().to_dict["scopes"]
    sdk.send(letter(settings, "bounce@example.com"))
    (bounce,) = sdk.client.suppression.bounces.get().to_dict
    assert bounce["email"] == "bounce@example.com"
    answer = sdk.client.suppression.bounces.delete(request_body={"delete_all": True})
    assert answer.status_code == 204


def test_the_sdk_understands_refusals(settings, sdk, host) -> None:
    with pytest.raises(exceptions.BadRequestsError) as refused:
        sdk.send(letter(settings, "refused@example.com"))
    (row,) = refused.value.to_dict["errors"]
    assert row["field"] == "personalizations.0.to.0.email"
    stranger = SendGridAPIClient("SG.other", host=host)
    with pytest.raises(exceptions.UnauthorizedError):
        stranger.send(letter(settings))
    unverified = letter(settings)
    unverified.from_email = "me@elsewhere.example"
    with pytest.raises(exceptions.ForbiddenError):
        sdk.send(unverified)
    with pytest.raises(exceptions.MethodNotAllowedError):
        sdk.client.mail.send.get()


def test_a_connection_that_breaks_off_is_seen_as_such(settings, sdk) -> None:
    store.set_switch("sendgrid", "fault", {"kind": "drop_after", "times": 1})
    with pytest.raises(OSError):
        sdk.send(letter(settings))
    assert sdk.send(letter(settings)).status_code == 202
