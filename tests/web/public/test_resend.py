"""A form that is sent after its session has ended keeps what was typed through signing in."""

import json
import re
from html import unescape

from sqlalchemy import select

from ffapp.core.db import db
from ffapp.programme.models import Cohort
from tests.cast import PASSWORD

TYPED = {
    "name": "Spring “2027” & more",
    "starts_on": "2027-01-05",
    "ends_on": "2027-03-05",
    "seats": "12",
    "time_zone": "Asia/Kolkata",
    "password": "is never kept",
}
FROM_US = {"Origin": "http://localhost"}


def post_after_sign_out(client, headers=FROM_US):
    client.post("/sign-out")
    return client.post("/admin/cohorts/new", data=TYPED, headers=headers, csrf=False)


def hidden_fields(page):
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in inputs}


def test_it_is_sent_again_after_signing_in(client, cast):
    client.sign_in(cast.admin)
    page = post_after_sign_out(client)
    assert page.status_code == 419
    assert "You were signed out" in page.text
    kept = unescape(re.search(r'name="kept" type="hidden" value="([^"]*)"', page.text)[1])
    assert "is never kept" not in kept

    sign_in = {"email": cast.admin.email, "password": PASSWORD, "kept": kept}
    again = client.post("/sign-in", data=sign_in)
    assert "What you typed is kept" in again.text
    assert 'action="/admin/cohorts/new"' in again.text

    answer = client.post("/admin/cohorts/new", data=hidden_fields(again.text), csrf=False)
    assert answer.status_code == 303
    assert db.session.scalar(select(Cohort).where(Cohort.name == TYPED["name"])).seats == 12


def test_who_has_signed_in_again_elsewhere_sends_it_at_once(client, cast):
    client.sign_in(cast.admin)

    page = client.post("/admin/cohorts/new", data=TYPED, headers=FROM_US, csrf=False)

    assert "What you typed is kept" in page.text
    assert hidden_fields(page.text)["name"] == TYPED["name"]


def test_a_form_of_somebody_elses_page_is_not_kept(client, cast):
    client.sign_in(cast.admin)

    page = post_after_sign_out(client, {"Origin": "https://evil.example"})

    assert page.status_code == 419
    assert TYPED["name"] not in unescape(page.text)


def test_something_made_up_signs_in_all_the_same(client, cast):
    for kept in ("{", "[]", json.dumps({"path": "//evil.example", "fields": []})):
        data = {"email": cast.admin.email, "password": PASSWORD, "kept": kept}
        assert client.post("/sign-in", data=data).status_code == 303
        client.post("/sign-out")
