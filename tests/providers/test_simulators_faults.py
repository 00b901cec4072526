"""The faults page among the control pages: faults and switches, on and off."""

import pytest

from ffapp.providers.simulating import store
from tests.providers.receiver import read

pytestmark = pytest.mark.usefixtures("clean")


def test_a_fault_can_be_switched_on_and_off(pages) -> None:
    form = {"kind": "slow_after", "times": "3", "seconds": "12"}
    pages.post("/faults/sendgrid/fault", data=form)
    assert store.switch("sendgrid", "fault") == {"kind": "slow_after", "times": 3, "seconds": 12}
    assert 'value="12"' in read(pages, "/faults?done=on")
    assert "slow after" in read(pages, "/faults")
    pages.post("/faults/sendgrid/fault", data={"kind": "down"})
    assert store.switch("sendgrid", "fault") == {"kind": "down"}
    pages.post("/faults/sendgrid/fault", data={"kind": ""})
    assert store.switch("sendgrid", "fault") is None
    assert "Switched off" in read(pages, "/faults?done=off")


@pytest.mark.parametrize(
    ("path", "value", "name", "kept"),
    [
        ("sendgrid/switches/no_credits", "on", "no_credits", True),
        ("zoom/switches/expires_in", "0.5", "expires_in", 0.5),
        ("aisensy/switches/webhooks.duplicate", "on", "webhooks", {"duplicate": True}),
        ("zoom/switches/webhooks.drop", "on", "webhooks", {"drop": True}),
        ("zoom/switches/webhooks.delay_seconds", "30", "webhooks", {"delay_seconds": 30}),
    ],
)
def test_switches_go_on_and_off(pages, path, value, name, kept) -> None:
    provider = path.split("/")[0]
    assert pages.post(f"/faults/{path}", data={"value": value}).status_code == 303
    assert store.switch(provider, name) == kept
    assert "Switch off" in read(pages, "/faults")
    pages.post(f"/faults/{path}", data={"value": "off"})
    assert store.switch(provider, name) is None
    assert "Switch off" not in read(pages, "/faults")


def test_one_trick_of_a_switch_leaves_the_others(pages) -> None:
    for name in ("drop", "duplicate"):
        pages.post(f"/faults/zoom/switches/webhooks.{name}", data={"value": "on"})
    pages.post("/faults/zoom/switches/webhooks.drop", data={"value": "off"})
    assert store.switch("zoom", "webhooks") == {"duplicate": True}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("sendgrid/fault", {"kind": "rain"}),
        ("sendgrid/fault", {"kind": "down", "times": "0"}),
        ("sendgrid/fault", {"kind": "slow", "seconds": "inf"}),
        ("sendgrid/fault", {"kind": "slow", "seconds": "nan"}),
        ("sendgrid/switches/webhooks.delay_seconds", {"value": "-1"}),
        ("sendgrid/switches/webhooks.delay_seconds", {"value": "soon"}),
    ],
)
def test_what_the_form_does_not_offer_changes_nothing(pages, path, form) -> None:
    answer = pages.post(f"/faults/{path}", data=form)
    assert answer.status_code == 303
    assert "Not changed" in read(pages, answer.headers["Location"].split("#")[0])
    assert store.switch_values() == {}


@pytest.mark.parametrize("path", ["sendgrid/switches/fault", "nobody/fault", "zoom/switches/rain"])
def test_there_are_no_other_switches(pages, path) -> None:
    assert pages.post(f"/faults/{path}", data={"value": "on"}).status_code == 404
