"""The join card in a real browser: a wrong clock, no script, a state that changes elsewhere."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ffapp.core import clock
from ffapp.local.demo_accounts import password
from tests.processes.poll import poll

# A device whose clock is wrong by so many seconds, whichever way a script asks for the time.
WRONG_CLOCK = """
const off = SECONDS * 1000, origin = performance.timeOrigin;
Object.defineProperty(performance, "timeOrigin", { get: () => origin + off });
Date = new Proxy(Date, {
  construct: (date, given, as) =>
    Reflect.construct(date, given.length ? given : [date.now() + off], as),
  apply: (date) => new date(date.now() + off).toString(),
  get: (date, name) => (name === "now" ? () => date.now() + off : Reflect.get(date, name)),
});
"""
DEVICE_TIMES = (
    "[Date.now(), +new Date(), Date.parse(Date()), performance.timeOrigin + performance.now()]"
)


@pytest.fixture
def class_in(running_app):
    """Put a class into the running programme; answers its Zoom meeting's number."""
    return running_app.seeder.a_class


@pytest.fixture
def wrong_clocks(visit):
    """Asha on two devices: one ten minutes ahead of the right time, one ten minutes behind."""

    def take_up():
        devices = {600: visit("Ahead", width=360, height=740), -600: visit("Behind")}
        for off, device in devices.items():
            device.context.add_init_script(WRONG_CLOCK.replace("SECONDS", str(off)))
            device.sign_in("asha@students.example")
            for told in device.page.evaluate(DEVICE_TIMES):
                assert abs(told / 1000 - off - time.time()) < 120, "the device's clock is wrong"
        return list(devices.values())

    return take_up


def seconds_shown(visitor):
    """What the ticking line says, in seconds."""
    words = visitor.page.locator("[data-count]").inner_text()
    units = {"h": 3600, "min": 60, "s": 1}
    return sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+)\s(h|min|s)\b", words))


def test_it_ticks_by_the_servers_clock_and_asks_nothing_meanwhile(class_in, wrong_clocks):
    starts_at = class_in(minutes=40)["starts_at"]
    devices, asked = wrong_clocks(), []
    for device in devices:
        device.sees("Starts in")
        device.page.wait_for_load_state("networkidle")
        device.page.on("request", lambda request: asked.append(request.url))

    for device in devices:
        first, at = seconds_shown(device), clock.wall()
        assert abs((starts_at - at).total_seconds() - first) < 120, "it goes by the device's clock"
        poll(lambda device=device, first=first: seconds_shown(device) <= first - 2, "it ticks")
    assert asked == [], "it ticks without requests"


def test_without_a_script_time_state_and_button_are_there(running_app, chromium, class_in):
    class_in(minutes=10)
    context = chromium.new_context(base_url=running_app.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", "asha@students.example")
    page.fill("[name=password]", password())
    page.click("main button")

    expect(page.locator("main")).to_contain_text("You can join now")
    expect(page.locator("main time").first).to_be_visible()
    with context.expect_page() as opened:
        page.get_by_role("link", name="Join Meeting").click()
    assert re.search(r"/zoom/[jw]/\d+\?", opened.value.url)
    context.close()


def test_the_card_follows_zoom_by_itself(running_app, visit, class_in):
    meeting = class_in(minutes=-1)
    asha, host = visit("Asha", width=360, height=740), visit("Host")
    asha.sign_in("asha@students.example")
    asha.sees("The host has not started yet")
    host.page.goto(meeting["start_url"])

    for act, state, says in (("start", "live", "Live now"), ("end", "ended", "Ended")):
        host.page.locator(f"#{act}").click()
        expect(asha.page.locator("[data-join]")).to_have_attribute("data-state", state)
        asha.sees(says)
        if state == "live":
            asha.tab("Join Meeting").close()


def test_the_button_appears_by_itself_when_it_opens(running_app, class_in, wrong_clocks):
    made = class_in(minutes=40)
    devices = wrong_clocks()
    began = clock.wall()
    show_closed(devices, "Starts in")
    to_look = clock.wall() - began  # as quick as this machine is now
    opens_at = clock.wall() + 3 * to_look + timedelta(seconds=5)
    move(running_app, made, opens_at + timedelta(minutes=15))
    show_closed(devices, "Starts in 15 min")

    for device in devices:
        expect(device.find("Join Meeting").first).to_be_visible()
        assert clock.wall() >= opens_at, "not before it opens"


def show_closed(devices, words):
    for device in devices:
        device.page.reload()
        device.sees(words)
        expect(device.find("Join Meeting")).to_have_count(0)


def test_a_class_that_the_admin_moves_moves_on_the_students_page(running_app, visit, class_in):
    made = class_in(minutes=15, seconds=50)
    asha = visit("Asha", width=360, height=740)
    asha.sign_in("asha@students.example")
    asha.sees("Starts in")

    move(running_app, made, made["starts_at"] + timedelta(days=2))

    asha.sees("Starts in 2 days")


def test_a_student_who_is_withdrawn_loses_the_card_on_the_open_page(running_app, visit, class_in):
    class_in(minutes=10)
    asha = visit("Asha", width=360, height=740)
    asha.sign_in("asha@students.example")
    asha.sees("You can join now")

    running_app.change_rows("UPDATE enrolments SET withdrawn_at = now()")

    asha.sees("No class yet")


def move(running_app, made, at):
    """Behind the back of the simulated Zoom, which the worker is kept from asking meanwhile."""
    running_app.change_rows(
        "UPDATE sessions SET starts_at = :at, zoom_read_at = now() WHERE id = :id",
        at=at,
        id=made["id"],
    )
