"""The private calendar of a student, for the calendar program that follows its link."""

import hashlib

import flask

from ffapp.classes import calendar_feed as feeds
from ffapp.core.db import transaction
from ffapp.web.public.blueprint import public


@public.get("/calendar/<token>.ics")
def calendar_feed(token: str) -> flask.typing.ResponseReturnValue:
    """It needs no sign-in: who knows the link reads it; an old link is 404 at once.

    The token stands in the path and nowhere in our logs, which name the rule.
    """
    feed = feeds.find(token)
    if feed is None:
        flask.abort(404)
    content = feeds.content_of(feed)
    response = flask.Response(content, content_type="text/calendar; charset=utf-8")
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.last_modified = transaction(feeds.changed_with, feed, content)
    # The browser may keep it, and asks each time: a link that was replaced shows nothing.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response.make_conditional(flask.request)
