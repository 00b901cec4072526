"""What Bolna tells us by itself: is it from Bolna, have we had it, what does it say.

Bolna posts the whole call at every change of its status, and signs nothing.
"""

import hmac

from ffapp.providers.bolna import wire
from ffapp.providers.bolna.settings import BolnaSettings
from ffapp.providers.bolna.wire import Execution
from ffapp.providers.kit.webhooks import NotSigned, Post, json_of

LARGEST = 4 * 1024 * 1024  # bytes: a transcript may be long
NOT_KEPT = ("transcript", "summary")  # what was said is kept once, with the call


def verify(settings: BolnaSettings, post: Post) -> None:
    """Raise NotSigned, with the reason, unless the post has our header and a known address."""
    if not settings.webhook_secret:
        raise NotSigned("BOLNA_WEBHOOK_SECRET is not set, so no post can be proved")
    given = post.require(settings.webhook_header)
    if not hmac.compare_digest(given.encode(), settings.webhook_secret.encode()):
        raise NotSigned("the header has another value than ours")
    if settings.allowed_ips and post.address not in settings.allowed_ips:
        raise NotSigned("the post comes from an address that is not allowed")


def dedupe_key(post: Post) -> str:
    """The same for each try of one change: a call has each status once in each attempt."""
    execution = parse(post.body)
    if execution is None:
        return post.digest
    return f"{execution.id}:{execution.status}:{execution.retry_count}"


def event_name(post: Post) -> str:
    """The status; empty when the post is not understood."""
    execution = parse(post.body)
    return execution.status if execution else ""


def parse(raw_body: bytes) -> Execution | None:
    """The call that a post describes; None where it describes none. Never fails."""
    return wire.execution_of(json_of(raw_body))
