"""A SendGrid of our own, over HTTP: mail/send, scopes, suppressions, and their bad days."""

import json
import re
import time
from typing import Any

from flask import Flask, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import MethodNotAllowed, NotFound, RequestEntityTooLarge

from ffapp.core import clock, config
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.settings import SendGridSettings
from ffapp.providers.sendgrid.simulator import suppressions
from ffapp.providers.sendgrid.simulator.accept import accept
from ffapp.providers.sendgrid.simulator.answers import (
    SEND_HEADERS,
    empty,
    json_of,
    mail_refusal,
    problem,
    refusal,
    wrong_type,
)
from ffapp.providers.sendgrid.simulator.events import delivery_policy
from ffapp.providers.sendgrid.simulator.magic import DELIVERED, MAGIC
from ffapp.providers.sendgrid.simulator.validation import problems_of
from ffapp.providers.simulating import faults, store
from ffapp.providers.simulating.descriptor import Magic, Simulator, Switch, refuse_if_real

MAIL_BYTES = 30 * 1024 * 1024
REQUESTS_A_MINUTE = 600  # unconfirmed: of the endpoints other than mail/send
SCOPES = [wire.SEND_SCOPE, "mail.batch.create", "suppression.read", "suppression.delete"]
RATE = "sendgrid.rate"  # in the WSGI environ: requests left, and when they are all back
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
JSON_TYPES = {
    "string_type": "string",
    "list_type": "array",
    "dict_type": "object",
    "model_type": "object",
    "bool_type": "boolean",
    "int_type": "integer",
}


def create_simulator(settings: config.Settings) -> Flask:
    """The simulator as a Flask application; it answers paths that begin with `/v3/`."""
    refuse_if_real(settings.of(SendGridSettings))
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAIL_BYTES, PROPAGATE_EXCEPTIONS=True)
    faults.install(app, "sendgrid", limited=_limited, unauthorised=_unauthorised)
    app.before_request(lambda: _turn_away(settings))
    app.add_url_rule(
        wire.SEND_PATH, view_func=lambda: _send(settings), methods=["POST"], endpoint="send"
    )
    app.add_url_rule(wire.SCOPES_PATH, view_func=_scopes, methods=["GET"], endpoint="scopes")
    app.register_blueprint(suppressions.blueprint)
    app.register_error_handler(MethodNotAllowed, _wrong_method)
    app.register_error_handler(NotFound, lambda error: _unrouted(settings))
    app.register_error_handler(RequestEntityTooLarge, lambda error: _too_large())
    app.after_request(_dress)
    return app


def _turn_away(settings: config.Settings) -> Response | None:
    """Refuse before the endpoint is asked: credentials, then credits, then rates."""
    if request.routing_exception is not None:
        return None  # a wrong method is told before credentials are looked at
    words = _credential_problem(settings)
    if words:
        return mail_refusal(401, [problem(words)])
    if request.path == wire.SEND_PATH:
        if store.switch("sendgrid", "no_credits"):
            return mail_refusal(401, [problem(wire.NO_CREDITS)])
        if store.switch("sendgrid", "over_limits"):
            return mail_refusal(403, [problem(wire.OVER_LIMITS)])
        return None
    return None if _count() else _limited()


def _credential_problem(settings: config.Settings) -> str | None:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not key:
        return wire.WRONG_CREDENTIALS
    return None if key == settings.of(SendGridSettings).api_key else wire.GRANT_INVALID


def _send(settings: config.Settings) -> Response:
    if request.mimetype != "application/json":
        # unconfirmed: the words
        return mail_refusal(415, [problem("Content-Type should be application/json")])
    body = _read(request.get_data())
    if isinstance(body, Response):
        return body
    problems = problems_of(body)
    if problems:
        return _refuse(400, problems)
    try:
        mail = wire.MailSend.model_validate(body)
    except ValidationError as error:
        return _refuse(400, [_type_problem(error)])
    if not _is_verified(mail.from_.email, settings):
        return _refuse(403, [problem(wire.SENDER_NOT_VERIFIED, "from")])
    if mail.sandbox:
        store.record("sendgrid", "mail.sandbox", status=200, subject=mail.subject)
        return empty(200)  # unconfirmed: that there is no X-Message-Id
    first = mail.personalizations[0]
    what = first.custom_args.get(wire.EFFECT_ID) or first.to[0].email
    time.sleep(store.delay(f"send:{what}", 0.5, 2))
    return empty(202, {wire.MESSAGE_ID: accept(mail)})


def _read(raw: bytes) -> dict[str, Any] | Response:
    """The body's JSON object, or the answer to something else."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return mail_refusal(415, [problem("Invalid UTF8 in request")])
    try:
        body = json.loads(text)
        # Letters that no mail can carry; our own store could not keep them either.
        json.dumps(body, ensure_ascii=False).encode()
        readable = isinstance(body, dict) and not NUL.search(text)
    except (ValueError, RecursionError):
        readable = False
    return body if readable else _refuse(400, [problem("Bad Request")])


def _refuse(status: int, problems: list[wire.Problem]) -> Response:
    words = [f"{each.field}: {each.message}" for each in problems[:20]]
    store.record("sendgrid", "mail.refused", status=status, problems=words)
    return mail_refusal(status, problems)


def _type_problem(error: ValidationError) -> wire.Problem:
    """What only our types noticed, in the words of SendGrid's schema check."""  # unconfirmed
    first = error.errors()[0]
    path = ".".join(map(str, first["loc"]))
    return wrong_type(JSON_TYPES.get(first["type"], "string"), first["input"], path, None)


def _is_verified(sender: str, settings: config.Settings) -> bool:
    """The simulated account has one verified domain: that of its own sender."""
    own = settings.of(SendGridSettings).from_email.rpartition("@")[2]
    same = sender.rpartition("@")[2].lower() == own.lower()
    return same and not store.switch("sendgrid", "unverified_sender")


def _scopes() -> Response:
    return json_of({"scopes": SCOPES})


def _count() -> bool:
    """Count this request against the minute; False when it is one too many."""
    window = int(clock.wall().timestamp()) // 60
    left = REQUESTS_A_MINUTE - store.count("sendgrid", "v3", str(window))
    request.environ[RATE] = (max(0, left), (window + 1) * 60)
    return left >= 0


def _limited() -> Response:
    if request.path != wire.SEND_PATH:
        request.environ[RATE] = (0, int(clock.wall().timestamp()) // 60 * 60 + 60)
    response = refusal(429, "too many requests")
    response.status = "429 TOO MANY REQUESTS"
    return response


def _unauthorised() -> Response:
    return mail_refusal(401, [problem(wire.GRANT_INVALID)])


def _wrong_method(error: MethodNotAllowed) -> Response:
    methods = sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"})
    if len(methods) == 1:
        words = f"{methods[0]} method allowed only"  # unconfirmed
        response = mail_refusal(405, [problem(words)])
    else:
        response = refusal(405, "method not allowed")
    response.headers["Allow"] = ", ".join(methods)
    return response


def _unrouted(settings: config.Settings) -> Response:
    if _credential_problem(settings):
        return refusal(401, "authorization required")
    return refusal(404, "not found")  # unconfirmed


def _too_large() -> Response:
    return refusal(413, "content too large")  # unconfirmed: it may be a page


def _dress(response: Response) -> Response:
    """Headers that all answers of an endpoint have; only mail/send is silent about rates."""
    if request.path == wire.SEND_PATH and response.mimetype != "text/html":
        response.headers.extend(SEND_HEADERS)
    rate = request.environ.get(RATE)
    if rate:
        response.headers["X-Ratelimit-Limit"] = str(REQUESTS_A_MINUTE)
        response.headers["X-Ratelimit-Remaining"] = str(rate[0])
        response.headers[wire.RATE_LIMIT_RESET] = str(rate[1])
    return response


SWITCHES = (
    Switch("no_credits", "Credits used up", "mail/send answers 401 “Maximum credits exceeded”."),
    Switch(
        "over_limits", "Over the limit", "mail/send answers 403 “exceeded your messaging limits”."
    ),
    Switch(
        "unverified_sender", "Sender not verified", "mail/send answers 403 about the from address."
    ),
    Switch(
        "duplicate",
        "Duplicate events",
        "Each event is posted twice, the second time in another array.",
    ),
    Switch("reorder", "Reorder events", "Later events come first: delivered before processed."),
    Switch("delay", "Delay events", "Posts come so much later than they would.", unit="seconds"),
)


SIMULATOR = Simulator(
    settings=SendGridSettings,
    create_app=create_simulator,
    delivery=delivery_policy,
    how="Give a person such an e-mail address: the word may stand alone before the @, or first or "
    "last after a plus, dot, dash or underscore.",
    magic=(
        *(Magic(f"asha+{scenario.word}@example.com", scenario.what) for scenario in MAGIC),
        Magic("asha@example.com", DELIVERED.what),
    ),
    switches=SWITCHES,
)
