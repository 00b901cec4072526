"""Addresses that write down who opened them: Join, Play, a line of the bell.

They are links, so that a browser opens them in a new tab and a page in memory can show them to
everybody. Then only somebody who opens one counts, and not whatever else asks for an address.
"""

import flask

PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
OTHER_SITES = ("cross-site", "same-site")


def is_deliberate() -> bool:
    """Whether somebody opened this address: by GET, not ahead of a click, from a page of ours (or
    by hand). A view that answers False changes nothing, and shows the page with the button."""
    headers = flask.request.headers
    is_ahead = any(
        word in headers.get(name, "").lower()
        for name in PURPOSES
        for word in ("prefetch", "preview", "prerender")
    )
    is_foreign = headers.get("Sec-Fetch-Site", "") in OTHER_SITES
    return flask.request.method != "HEAD" and not is_ahead and not is_foreign
