"""The join card in a real browser: a wrong clock, no script, a state that changes elsewhere."""

import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from ffapp import clock
from tests.journeys.seed import seed_a_class

TEN_MINUTES_OFF = "const off = 600000; const now = Date.now; Date.now = () => now() + off;"
PASSWORD = "founders-demo-2026"


@pytest.fixture
def class_in(house):
    """Put a class into the running programme; answers its Zoom meeting's number."""
    return lambda **starts_in: seed_a_class(house, **starts_in)


def sign_in(visitor):
    visitor.go("/sign-in")
    visitor.fill(email="asha@students.example", password=PASSWORD)
    visitor.press("Sign in")


def seconds_shown(visitor):
    """What the ticking line says, in seconds."""
    words = visitor.page.locator("[data-count]").inner_text()
    units = {"h": 3600, "min": 60, "s": 1}
    return sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+)\s(h|min|s)\b", words))


def test_it_ticks_by_the_servers_clock_and_asks_nothing_meanwhile(house, visit, class_in):
    starts_at = class_in(minutes=40)["starts_at"]
    asha = visit("Asha", width=360, height=740)
    asha.context.add_init_script(TEN_MINUTES_OFF)
    asked = []
    asha.page.on("request", lambda request: asked.append(request.url))
    sign_in(asha)
    asha.sees("Starts in")
    asha.page.wait_for_timeout(1200)
    asked.clear()

    first, at = seconds_shown(asha), clock.wall()
    asha.page.wait_for_timeout(3000)
    second = seconds_shown(asha)

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

    for act, says in (("start", "Live now"), ("end", "Ended")):
        host.page.locator(f"#{act}").click()
        pressed = time.monotonic()
        asha.sees(says)
        assert time.monotonic() - pressed < 5 + 1.5, f"it took too long to say “{says}”"


def test_the_button_appears_by_itself_when_it_opens(house, visit, class_in):
    class_in(minutes=15, seconds=25)
    asha = visit("Asha", width=360, height=740)
    sign_in(asha)
    asha.sees("Starts in")
    expect(asha.find("Join Meeting")).to_have_count(0)

    expect(asha.find("Join Meeting").first).to_be_visible(timeout=40_000)


def test_a_class_that_the_admin_moves_moves_on_the_students_page(house, visit, class_in):
    made = class_in(minutes=15, seconds=50)
    asha = visit("Asha", width=360, height=740)
    sign_in(asha)
    asha.sees("Starts in")

    later = made["starts_at"] + timedelta(days=2)
    change_rows(
        house, "UPDATE sessions SET starts_at = :at WHERE id = :id", at=later, id=made["id"]
    )

    asha.sees("Starts in 2 days")


def test_a_student_who_is_withdrawn_loses_the_card_on_the_open_page(house, visit, class_in):
    class_in(minutes=10)
    asha = visit("Asha", width=360, height=740)
    sign_in(asha)
    asha.sees("You can join now")

    change_rows(house, "UPDATE enrolments SET withdrawn_at = now()")

    asha.sees("No class yet")


def change_rows(house, statement, **values):
    address = house.environment["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()
