"""The webhook door: verify over the raw bytes, keep the post, promise a job, answer at once."""

from collections.abc import Callable

import flask

from ffapp.core import clock, config
from ffapp.core.db import transaction
from ffapp.providers.aisensy import webhook as aisensy_webhook
from ffapp.providers.sendgrid import webhook as sendgrid_webhook
from ffapp.providers.zoom import webhook as zoom_webhook
from ffapp.webhooks import inbox

hooks = flask.Blueprint("hooks", __name__, url_prefix="/hooks")

LARGEST = 1024 * 1024
KEPT_HEADERS = (
    "Content-Type",
    "User-Agent",
    "X-Zm-Request-Id",
    "X-Zm-Request-Timestamp",
    "X-Aisensy-Api-Version",
    "X-Aisensy-Project-Id",
)


@hooks.post("/zoom")
def zoom() -> flask.typing.ResponseReturnValue:
    secret = config.current().zoom.webhook_secret
    body = _body("zoom")
    try:
        zoom_webhook.verify(secret, dict(flask.request.headers), body, clock.wall())
    except zoom_webhook.BadSignature as error:
        return _refuse("zoom", error.reason)
    answer = zoom_webhook.validation_answer(secret, body)
    if answer is not None:
        return flask.jsonify(answer)
    event = zoom_webhook.parse(body)
    return _keep("zoom", zoom_webhook.dedupe_key, event.wire_name, body)


@hooks.post("/sendgrid")
def sendgrid() -> flask.typing.ResponseReturnValue:
    body = _body("sendgrid")
    try:
        sendgrid_webhook.verify(
            config.current().sendgrid.webhook_public_key, dict(flask.request.headers), body
        )
    except sendgrid_webhook.NotSigned as error:
        return _refuse("sendgrid", str(error))
    events = {event.kind for event in sendgrid_webhook.parse(body)}
    return _keep("sendgrid", sendgrid_webhook.dedupe_key, ", ".join(sorted(events)), body)


@hooks.post("/aisensy")
def aisensy() -> flask.typing.ResponseReturnValue:
    settings = config.current().aisensy
    body = _body("aisensy")
    try:
        aisensy_webhook.verify(
            settings.webhook_secret, settings.project_id, dict(flask.request.headers), body
        )
    except aisensy_webhook.NotSigned as error:
        return _refuse("aisensy", str(error))
    event = aisensy_webhook.parse(body)
    name = f"{event.topic} {event.kind}".strip()
    return _keep("aisensy", aisensy_webhook.dedupe_key, name, body)


def _body(provider: str) -> bytes:
    request = flask.request
    # Where no length is told in advance (chunked), Werkzeug stops reading here and says nothing of
    # it; the one byte more tells.
    request.max_content_length = LARGEST + 1
    too_large = (request.content_length or 0) > LARGEST
    body = b"" if too_large else request.get_data(cache=False)
    if too_large or len(body) > LARGEST:
        _note_refusal(provider, "The post was larger than 1 MB.")
        flask.abort(413)
    if not body:
        _note_refusal(provider, "The post had no body.")
        flask.abort(400)
    return body


def _refuse(provider: str, reason: str) -> flask.typing.ResponseReturnValue:
    _note_refusal(provider, _without_figures(reason))
    return {"error": reason}, 401


def _keep(
    provider: str, key: Callable[[dict[str, str], bytes], str], event: str, body: bytes
) -> flask.typing.ResponseReturnValue:
    headers = dict(flask.request.headers)
    kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
    transaction(
        inbox.keep,
        provider,
        dedupe_key=key(headers, body),
        event=event or "unknown",
        headers=kept,
        body=body,
    )
    return "", 204


def _note_refusal(provider: str, reason: str) -> None:
    transaction(inbox.refuse, provider, reason)


def _without_figures(reason: str) -> str:
    """Refusals are counted by their reason, so ages and instants are left out of it."""
    return "".join("…" if character.isdigit() else character for character in reason)
