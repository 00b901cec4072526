"""A SendGrid of our own, over HTTP: mail/send, scopes, suppressions, templates and batches."""

import time

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from ffapp.core import config
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.settings import SendGridSettings
from ffapp.providers.sendgrid.simulator import batches, messages, suppressions, templates
from ffapp.providers.sendgrid.simulator.answers import Refusal, mail_refusal, problem
from ffapp.providers.sendgrid.simulator.magic import DELIVERED, MAGIC
from ffapp.providers.sendgrid.simulator.validation import check
from ffapp.providers.simulating import faults, store
from ffapp.providers.simulating.answers import empty_answer, json_answer, json_object
from ffapp.providers.simulating.descriptor import WEBHOOK_SWITCHES, Magic, Simulator, Switch

CORS = "https://sendgrid.com/docs/Classroom/Basics/API/cors.html"
HEADERS = {  # of a mail that was taken
    "Access-Control-Allow-Origin": "https://sendgrid.api-docs.io",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, On-behalf-of, x-sg-elas-acl",
    "Access-Control-Max-Age": "600",
    "X-No-CORS-Reason": CORS,
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "no-sniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
SCOPES = [wire.SEND_SCOPE, "suppression.read", "suppression.delete"]


def create_simulator(settings: config.Settings) -> Flask:
    """The simulator as a Flask application; it answers paths that begin with `/v3/`."""
    app = faults.create_app(
        settings.of(SendGridSettings),
        limited=lambda: Refusal(429, "too many requests").response(),
        unauthorised=lambda: mail_refusal(401, [problem(wire.GRANT_INVALID)]),
        phrases={429: "TOO MANY REQUESTS"},
        static_folder=None,
    )
    app.before_request(_check_credentials)
    for method, path, view in (
        ("POST", wire.SEND_PATH, _send),
        ("GET", wire.SCOPES_PATH, lambda: json_answer({"scopes": SCOPES})),
    ):
        app.add_url_rule(path, f"{method} {path}", view, methods=[method])
    for part in (suppressions, templates, batches):
        app.register_blueprint(part.blueprint)
    app.register_error_handler(Refusal, lambda error: error.response())
    refused = Refusal(405, "method not allowed")
    app.register_error_handler(MethodNotAllowed, lambda error: refused.response())
    missing = Refusal(404, "not found")  # unconfirmed
    app.register_error_handler(NotFound, lambda error: missing.response())
    return app


def _check_credentials() -> Response | None:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not key:
        return mail_refusal(401, [problem(wire.WRONG_CREDENTIALS)])
    if key != SendGridSettings.current().api_key:
        return mail_refusal(401, [problem(wire.GRANT_INVALID)])
    return None


def _send() -> Response:
    if store.switch("sendgrid", "no_credits"):
        return mail_refusal(401, [problem(wire.NO_CREDITS)])
    if store.switch("sendgrid", "over_limits"):
        return mail_refusal(403, [problem(wire.OVER_LIMITS)])
    body = json_object()
    if body is None:
        return _refuse(400, [problem("Bad Request")])
    mail, problems = check(body)
    if mail is None:
        return _refuse(400, problems)
    senders = {"from": mail.from_}
    for index, each in enumerate(mail.personalizations):
        senders[f"personalizations.{index}.from"] = each.from_ or mail.from_
    for field, sender in senders.items():
        if not _is_verified(sender.email):  # unconfirmed: the field of a personalization
            return _refuse(403, [problem(wire.SENDER_NOT_VERIFIED, field)])
    if mail.mail_settings.get("sandbox_mode", {}).get("enable"):
        return empty_answer(200, HEADERS)  # unconfirmed: that it has no message id
    first = mail.personalizations[0]
    what = first.custom_args.get(wire.EFFECT_ID) or first.to[0].email
    time.sleep(store.delay(f"send:{what}", 0.5, 2))
    return empty_answer(202, {wire.MESSAGE_ID: messages.accept(mail), **HEADERS})


def _is_verified(sender: str) -> bool:
    """The simulated account has one verified domain: that of its own sender."""
    own = SendGridSettings.current().from_email.rpartition("@")[2]
    same = sender.rpartition("@")[2].lower() == own.lower()
    return same and not store.switch("sendgrid", "unverified_sender")


def _refuse(status: int, problems: list[wire.Problem]) -> Response:
    words = [f"{each.field}: {each.message}" for each in problems[:20]]
    store.record("sendgrid", "mail.refused", status=status, problems=words)
    return mail_refusal(status, problems)


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
