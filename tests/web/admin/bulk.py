"""Pressing Undo on the toast of the page that a form leads to."""

import re

from tests.browse import flashed


def follow(client, answer):
    """The page after the 303."""
    assert answer.status_code == 303, answer.text
    return client.get(answer.location)


def undo_url(page):
    """Where the toast's Undo leads."""
    assert "Undo until" in " ".join(flashed(page).split())
    return re.search(r'action="(/admin/batches/\d+/reversals)"', page.text).group(1)


def notice_url(page):
    """Where the Undo of the page's notice leads."""
    notice = page.text[page.text.index("just now</p>") :]
    assert "Undo until" in notice
    return re.search(r'action="(/admin/batches/\d+/reversals)"', notice).group(1)


def undo(client, page):
    """Press Undo; answers what is said then."""
    return flashed(follow(client, client.post(undo_url(page))))
