"""The webhook address of each provider: verify the raw bytes, keep the post, defer a job."""

from functools import partial

import flask

from ffapp.core import config
from ffapp.core.db import transaction
from ffapp.providers.kit.provider import Provider
from ffapp.providers.kit.webhooks import NotSigned, Post, Webhook
from ffapp.providers.registry import PROVIDERS
from ffapp.web.auth import hooks
from ffapp.webhooks import inbox

KEPT_HEADERS = ("Content-Type", "User-Agent")


def _receive(provider: Provider, webhook: Webhook) -> flask.typing.ResponseReturnValue:
    """Store one post of a provider."""
    settings = config.current().of(provider.settings)
    body = _body(provider.key, webhook.largest)
    post = Post(dict(flask.request.headers), body, flask.request.remote_addr or "")
    try:
        webhook.verify(settings, post)
    except NotSigned as error:
        _note_refusal(provider.key, _without_figures(str(error)))
        return {"error": str(error)}, 401
    answer = webhook.answer(settings, post)
    if answer is not None:
        return flask.jsonify(answer)
    _keep(provider.key, webhook, post)
    return "", 204


def _keep(key: str, webhook: Webhook, post: Post) -> None:
    sent = flask.request.headers
    transaction(
        inbox.keep,
        key,
        dedupe_key=webhook.dedupe_key(post),
        event=webhook.event_name(post) or "unknown",
        headers={
            name: sent[name] for name in (*KEPT_HEADERS, *webhook.kept_headers) if name in sent
        },
        body=webhook.without_secrets(post.body),
    )


def _body(provider: str, largest: int) -> bytes:
    request = flask.request
    # Where no length is told in advance (chunked), Werkzeug stops reading here and says nothing of
    # it; the one byte more tells.
    request.max_content_length = largest + 1
    too_large = (request.content_length or 0) > largest
    body = b"" if too_large else request.get_data(cache=False)
    if too_large or len(body) > largest:
        _note_refusal(provider, f"The post was larger than {largest // 1024**2} MB.")
        flask.abort(413)
    if not body:
        _note_refusal(provider, "The post had no body.")
        flask.abort(400)
    return body


def _note_refusal(provider: str, reason: str) -> None:
    transaction(inbox.refuse, provider, reason)


def _without_figures(reason: str) -> str:
    """Refusals are counted by their reason, so ages and instants are left out of it."""
    return "".join("…" if character.isdigit() else character for character in reason)


for _provider in PROVIDERS:
    if _provider.webhook:
        hooks.add_url_rule(
            f"/{_provider.key}",
            endpoint=_provider.key,
            view_func=partial(_receive, _provider, _provider.webhook),
            methods=["POST"],
        )
