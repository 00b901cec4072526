"""An admin is signed in; and the alerts of Today, to be read and pressed."""

import html
import re

import pytest

from tests.calls.calling import call, noon, slow_bolna  # noqa: F401

ALERT = re.compile(r'<li class="alert[^"]*">(.*?)</li>', re.S)


@pytest.fixture(autouse=True)
def signed_in(client, cast):
    client.sign_in(cast.admin)


@pytest.fixture
def alerts(client):
    """The sentences of the list, each with what its button posts: address and fields."""

    def read():
        page = client.get("/admin/today").text
        found = {}
        for item in ALERT.findall(page):
            words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", item)).split())
            action = re.search(r'action="([^"]+)"', item)
            fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', item))
            choices = re.findall(r'<button [^>]*name="(\w+)" value="([^"]*)"', item)
            fields |= choices[:1]
            found[words] = (action.group(1) if action else None, fields)
        return found

    return read


@pytest.fixture
def press(client, alerts):
    """Press the only button that there is; it leads back here."""

    def press_it():
        ((action, fields),) = alerts().values()
        answer = client.post(action, data=fields)
        assert (answer.status_code, answer.location) == (303, "/admin/today")

    return press_it
