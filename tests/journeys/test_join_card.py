"""The join card in a real browser: a wrong clock, no script, a state that changes elsewhere."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from ffapp.core import clock

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
# Answers when (in milliseconds since 1970) the card shows a state.
UNTIL_STATE = """
(state) => new Promise((found, lost) => {
  const card = () => document.querySelector("[data-join]");
  const look = () => (card().dataset.state === state ? found(Date.now()) : setTimeout(look, 20));
  look();
  setTimeout(() => lost(new Error("the card never becomes " + state)), 20000);
})
"""
PASSWORD = "founders-demo-2026"


@pytest.fixture
def class_in(house):
    """Put a class into the running programme; answers its Zoom meeting's number."""
    return house.seeder.a_class


@pytest.fixture
def wrong_clocks(visit):
    """Asha on two devices: one ten minutes ahead of the right time, one ten minutes behind."""

    def take_up():
        devices = {600: visit("Ahead", width=360, height=740), -600: visit("Behind")}
        for off, device in devices.items():
            device.context.add_init_script(WRONG_CLOCK.replace("SECONDS", str(off)))
            sign_in(device)
            for told in device.page.evaluate(DEVICE_TIMES):
                assert abs(told / 1000 - off - time.time()) < 5, "the device's clock is wrong"
        return list(devices.values())

    return take_up


def sign_in(visitor):
    visitor.go("/sign-in")
    visitor.fill(email="asha@students.example", password=PASSWORD)
    visitor.press("Sign in")


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
        device.page.wait_for_timeout(3000)
        second = seconds_shown(device)
        assert abs((starts_at - at).total_seconds() - first) < 3
        assert 2 <= first - second <= 5
    assert asked == [], "it ticks without requests"


def test_without_a_script_time_state_and_button_are_there(house, chromium, class_in):
    class_in(minutes=10)
    context = chromium.new_context(base_url=house.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", "asha@students.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")

    expect(page.locator("main")).to_contain_text("You can join now")
    expect(page.locator("main time").first).to_be_visible()
    with context.expect_page() as opened:
        page.get_by_role("link", name="Join Meeting").click()
    assert re.search(r"/zoom/[jw]/\d+\?", opened.value.url)
    context.close()


def test_the_card_is_right_within_five_seconds_of_zoom(house, visit, class_in):
    meeting = class_in(minutes=5)
    asha, host = visit("Asha", width=360, height=740), visit("Host")
    sign_in(asha)
    asha.sees("You can join now")
    host.page.goto(meeting["start_url"])

    for act, state, says in (("start", "live", "Live now"), ("end", "ended", "Ended")):
        with host.page.expect_response(lambda response: response.request.method == "POST") as zoom:
            host.page.locator(f"#{act}").click()
        shown_at = asha.page.evaluate(UNTIL_STATE, state)
        took = (shown_at - zoom.value.request.timing["startTime"]) / 1000
        assert 0 < took < 5, f"it took {took:.1f} s to say “{says}”"
        asha.sees(says)
        if state == "live":
            asha.tab("Join Meeting").close()


def test_the_button_appears_by_itself_when_it_opens(house, class_in, wrong_clocks):
    made = class_in(minutes=40)
    devices = wrong_clocks()
    opens_at = clock.wall() + timedelta(seconds=20)
    move(house, made, opens_at + timedelta(minutes=15))
    for device in devices:
        device.page.reload()
        device.sees("Starts in 15 min")
        expect(device.find("Join Meeting")).to_have_count(0)

    for device in devices:
        expect(device.find("Join Meeting").first).to_be_visible(timeout=40_000)
        assert clock.wall() >= opens_at, "not before it opens"


def test_a_class_that_the_admin_moves_moves_on_the_students_page(house, visit, class_in):
    made = class_in(minutes=15, seconds=50)
    asha = visit("Asha", width=360, height=740)
    sign_in(asha)
    asha.sees("Starts in")

    move(house, made, made["starts_at"] + timedelta(days=2))

    asha.sees("Starts in 2 days")


def test_a_student_who_is_withdrawn_loses_the_card_on_the_open_page(house, visit, class_in):
    class_in(minutes=10)
    asha = visit("Asha", width=360, height=740)
    sign_in(asha)
    asha.sees("You can join now")

    house.change_rows("UPDATE enrolments SET withdrawn_at = now()")

    asha.sees("No class yet")


def move(house, made, at):
    """Behind the back of the simulated Zoom, which the worker is kept from asking meanwhile."""
    house.change_rows(
        "UPDATE sessions SET starts_at = :at, zoom_read_at = now() WHERE id = :id",
        at=at,
        id=made["id"],
    )
