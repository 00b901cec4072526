"""What a browser fetches on a first visit: few, small, compressed files that it keeps for ever."""

import re

import pytest

from ffapp.web.bundles import STYLES, bundle

COLD_BYTES, WARM_BYTES, REQUESTS = 75_000, 15_000, 6
HOME = "/home"
FONT = "/static/fonts/plus-jakarta-sans-5.3.0-latin.woff2"


def _fetch(client, address):
    answer = client.get(address, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert answer.status_code == 200, address
    return answer


def test_a_students_home_is_small_on_a_first_visit_and_smaller_on_the_next(
    client, sign_in, cast, worker
):
    cast.schedule(hours=5)
    worker.drain()
    sign_in(cast.asha)
    home = _fetch(client, HOME)
    page = client.get(HOME).text
    files = [
        *re.findall(r'(?:<link[^>]*|<script[^>]*\s)(?:href|src)="(/static/[^"]+)"', page),
        FONT,
    ]

    fetched = [_fetch(client, each) for each in files]

    assert home.headers["Content-Encoding"] in ("br", "zstd", "gzip")
    assert len(home.data) < WARM_BYTES
    assert 1 + len(files) <= REQUESTS
    assert len(home.data) + sum(len(each.data) for each in fetched) < COLD_BYTES
    assert all("immutable" in each.headers["Cache-Control"] for each in fetched)


@pytest.mark.parametrize("area", STYLES)
@pytest.mark.parametrize("kind", ["css", "js"])
def test_a_bundle_is_whole_and_its_address_follows_its_content(app, client, area, kind):
    with app.test_request_context():
        made = bundle(area, kind)

    answer = client.get(f"/static/bundles/{area}.{kind}?v={made.digest}")

    assert answer.text == made.text
    assert len(made.digest) == 10


@pytest.mark.parametrize("name", ["nobody.css", "admin.html"])
def test_other_bundles_are_not_there(client, name):
    assert client.get(f"/static/bundles/{name}").status_code == 404
