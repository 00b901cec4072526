"""Posts that are too large or empty, to both routes: refused, counted, and not read to the end."""

import io

import httpx
import pytest

from ffapp.core.db import db
from ffapp.providers.kit.webhooks import LARGEST_POST as LARGEST
from ffapp.webhooks.models import WebhookDelivery, WebhookRefusal

ROUTES = ("zoom", "sendgrid")
FIVE_MEGABYTES = 5_000_000
CHUNK = 64 * 1024


class Stream(io.RawIOBase):
    """A body of so many bytes that notes how much of it was read."""

    def __init__(self, size):
        self.size, self.taken = size, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        count = min(len(buffer), self.size - self.taken)
        buffer[:count] = b"x" * count
        self.taken += count
        return count


def post_told(client, provider, stream):
    """A post that tells its length in advance."""
    environ = {"wsgi.input": stream, "CONTENT_LENGTH": str(stream.size)}
    return client.post(f"/hooks/{provider}", environ_overrides=environ, csrf=False)


def post_chunked(client, provider, stream):
    """One that does not, as gunicorn hands it on: the server ends the stream itself."""
    environ = {"wsgi.input": stream, "wsgi.input_terminated": True}
    headers = {"Transfer-Encoding": "chunked"}
    return client.post(f"/hooks/{provider}", headers=headers, environ_overrides=environ, csrf=False)


def refusals(provider):
    db.session.rollback()
    rows = db.session.scalars(db.select(WebhookRefusal).filter_by(provider=provider))
    return {each.reason: each.count for each in rows}


@pytest.fixture(autouse=True)
def _nothing_is_kept(context):
    yield
    db.session.rollback()
    # What a simulator of an earlier test still posts to the real route is none of these.
    kept = db.session.scalars(db.select(WebhookDelivery.body)).all()
    assert [body for body in kept if not body.strip(b"x")] == []


@pytest.mark.parametrize("provider", ROUTES)
def test_a_post_that_tells_it_is_too_large_is_not_read_at_all(client, provider):
    stream = Stream(FIVE_MEGABYTES)

    answer = post_told(client, provider, stream)

    assert answer.status_code == 413
    assert stream.taken == 0
    assert refusals(provider) == {"The post was larger than 1 MB.": 1}


@pytest.mark.parametrize("size", [LARGEST + 1, FIVE_MEGABYTES])
@pytest.mark.parametrize("provider", ROUTES)
def test_a_post_that_does_not_tell_its_length_is_read_until_it_is_too_large(client, provider, size):
    stream = Stream(size)

    answer = post_chunked(client, provider, stream)

    assert answer.status_code == 413
    assert "too large" in answer.text.lower()
    assert LARGEST < stream.taken <= LARGEST + CHUNK
    assert refusals(provider) == {"The post was larger than 1 MB.": 1}


@pytest.mark.parametrize("provider", ROUTES)
def test_one_megabyte_without_a_length_is_read_whole(client, provider):
    stream = Stream(LARGEST)

    answer = post_chunked(client, provider, stream)

    assert answer.status_code == 401, "it is not signed; that is another matter"
    assert stream.taken == LARGEST


@pytest.mark.parametrize("provider", ROUTES)
def test_a_post_without_a_body_is_refused_and_counted(client, provider):
    for post in (post_told, post_chunked):
        assert post(client, provider, Stream(0)).status_code == 400

    assert refusals(provider) == {"The post had no body.": 2}


@pytest.mark.parametrize("provider", ROUTES)
def test_over_a_socket_five_megabytes_in_chunks_are_refused(running_app, provider):
    def chunks():
        for _ in range(0, FIVE_MEGABYTES, CHUNK):
            yield b"x" * CHUNK

    answer = httpx.post(
        f"{running_app.url_of('web')}/hooks/{provider}",
        content=chunks(),
        timeout=120,
        trust_env=False,
    )

    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert answer.status_code == 413
    assert refusals(provider) == {"The post was larger than 1 MB.": 1}
