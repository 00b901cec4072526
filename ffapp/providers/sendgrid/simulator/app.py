"""A SendGrid of our own, over HTTP: mail/send, scopes and bounces."""

import time

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from ffapp.core import config
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.settings import SendGridSettings
from ffapp.providers.sendgrid.simulator import messages
from ffapp.providers.sendgrid.simulator.magic import DELIVERED, MAGIC
from ffapp.providers.sendgrid.simulator.validation import check, problem
from ffapp.providers.simulating import faults, store
from ffapp.providers.simulating.answers import empty_answer, json_answer, json_object
from ffapp.providers.simulating.descriptor import WEBHOOK_SWITCHES, Magic, Simulator, Switch

SCOPES = [wire.SEND_SCOPE, "suppression.read", "suppression.delete"]


def create_simulator(settings: config.Settings) -> Flask:
    """The simulator as a Flask application; it answers paths that begin with `/v3/`."""
    app = faults.create_app(
        settings.of(SendGridSettings),
        limited=lambda: _refusal(429, "too many requests"),
        unauthorised=lambda: _mail_refusal(401, [problem(wire.GRANT_INVALID)]),
        static_folder=None,
    )
    app.before_request(_check_credentials)
    for method, path, view in (
        ("POST", wire.SEND_PATH, _send),
        ("GET", wire.SCOPES_PATH, lambda: json_answer({"scopes": SCOPES})),
        ("GET", wire.BOUNCES_PATH, _list_bounces),
        ("DELETE", wire.BOUNCES_PATH, _forget_bounces),
        ("DELETE", f"{wire.BOUNCES_PATH}/<email>", _forget_bounce),
    ):
        app.add_url_rule(path, f"{method} {path}", view, methods=[method])
    app.register_error_handler(MethodNotAllowed, lambda error: _refusal(405, "method not allowed"))
    app.register_error_handler(NotFound, lambda error: _refusal(404, "not found"))  # unconfirmed
    return app


def _check_credentials() -> Response | None:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not key:
        return _mail_refusal(401, [problem(wire.WRONG_CREDENTIALS)])
    if key != SendGridSettings.current().api_key:
        return _mail_refusal(401, [problem(wire.GRANT_INVALID)])
    return None


def _send() -> Response:
    if store.switch("sendgrid", "no_credits"):
        return _mail_refusal(401, [problem(wire.NO_CREDITS)])
    if store.switch("sendgrid", "over_limits"):
        return _mail_refusal(403, [problem(wire.OVER_LIMITS)])
    body = json_object()
    if body is None:
        return _refuse(400, [problem("Bad Request")])
    mail, problems = check(body)
    if mail is None:
        return _refuse(400, problems)
    if not _is_verified(mail.from_.email):
        return _refuse(403, [problem(wire.SENDER_NOT_VERIFIED, "from")])
    first = mail.personalizations[0]
    what = first.custom_args.get(wire.EFFECT_ID) or first.to[0].email
    time.sleep(store.delay(f"send:{what}", 0.5, 2))
    return empty_answer(202, {wire.MESSAGE_ID: messages.accept(mail)})


def _is_verified(sender: str) -> bool:
    """The simulated account has one verified domain: that of its own sender."""
    own = SendGridSettings.current().from_email.rpartition("@")[2]
    same = sender.rpartition("@")[2].lower() == own.lower()
    return same and not store.switch("sendgrid", "unverified_sender")


def _list_bounces() -> Response:
    return json_answer(store.find("sendgrid", "bounces"))


def _forget_bounces() -> Response:
    """All of them, where the body says `delete_all`."""
    if (json_object() or {}).get("delete_all"):
        for row in store.find("sendgrid", "bounces"):
            store.remove("sendgrid", "bounces", row["email"].lower())
    return empty_answer(204)


def _forget_bounce(email: str) -> Response:
    store.remove("sendgrid", "bounces", email.lower())
    return empty_answer(204)


def _refuse(status: int, problems: list[wire.Problem]) -> Response:
    words = [f"{each.field}: {each.message}" for each in problems[:20]]
    store.record("sendgrid", "mail.refused", status=status, problems=words)
    return _mail_refusal(status, problems)


def _mail_refusal(status: int, problems: list[wire.Problem]) -> Response:
    """The shape of mail/send: message, field, help."""
    return json_answer({"errors": [each.model_dump() for each in problems]}, status)


def _refusal(status: int, message: str) -> Response:
    """The shape of all other endpoints and of the router: field first, no help."""
    return json_answer({"errors": [{"field": None, "message": message}]}, status)


SWITCHES = (
    Switch("no_credits", "Credits used up", "mail/send answers 401 “Maximum credits exceeded”."),
    Switch(
        "over_limits", "Over the limit", "mail/send answers 403 “exceeded your messaging limits”."
    ),
    Switch(
        "unverified_sender", "Sender not verified", "mail/send answers 403 about the from address."
    ),
    *WEBHOOK_SWITCHES,
)

SIMULATOR = Simulator(
    settings=SendGridSettings,
    create_app=create_simulator,
    delivery=messages.delivery_policy,
    how="Give a person such an e-mail address: the word may stand alone before the @, or first or "
    "last after a plus, dot, dash or underscore.",
    magic=(
        *(Magic(f"asha+{scenario.word}@example.com", scenario.what) for scenario in MAGIC),
        Magic("asha@example.com", DELIVERED.what),
    ),
    switches=SWITCHES,
)
