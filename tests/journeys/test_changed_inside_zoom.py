"""A host does things on Zoom's own pages, and the programme follows: from a move to the library."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def meeting(running_app):
    """A class that begins in ten minutes, with its meeting."""
    return running_app.seeder.a_class(minutes=10)


@pytest.fixture
def people(running_app, visit, meeting):
    """The admin on the page of the class, a student on a phone, the host in Zoom's portal."""
    admin, asha = visit("Admin"), visit("Asha", width=360, height=740)
    for visitor, email in (
        (admin, "admin@futurefounders.example"),
        (asha, "asha@students.example"),
    ):
        visitor.sign_in(email)
    admin.go(f"/admin/classes/{meeting['id']}")
    host = visit("Host", width=360, height=740)
    return admin, asha, host


def portal(meeting):
    return meeting["start_url"].replace("/s/", "/portal/")


def act(host, name):
    host.page.locator(f"[data-act={name}]").first.click()
    host.page.wait_for_load_state()


def hold(running_app, host, meeting, student):
    """The class, with a student in it, until after its time."""
    host.page.goto(meeting["start_url"])
    act(host, "start")
    student.go("/home")
    tab = student.tab("Join Meeting")
    student.sees("Live now")
    # Before the tab is closed: Zoom writes to the same row when somebody leaves.
    running_app.begin_earlier(meeting["id"], minutes=75)
    tab.close()
    act(host, "end")


def test_a_meeting_that_is_moved_and_deleted_inside_zoom(people, meeting):
    admin, asha, host = people
    host.page.goto(portal(meeting))
    host.look()
    host.page.fill("[name=topic]", "Prices and people")
    act(host, "save")
    admin.sees("renamed “Pricing” to “Prices and people”")
    admin.sees("Done inside Zoom by educator@futurefounders.example")

    act(host, "delete")
    admin.sees("The meeting was deleted inside Zoom")
    admin.look()
    asha.go(f"/classes/{meeting['id']}")
    asha.sees("The class link is not ready yet")

    admin.page.get_by_role("button", name="Make a new meeting").click()
    expect(admin.page.locator("#zoom-card")).to_contain_text("Ready")
    asha.sees("You can join now")
    expect(asha.page.get_by_role("link", name="Join Meeting")).to_be_visible()


def test_a_recording_is_found_by_what_was_said_and_follows_the_trash(running_app, people, meeting):
    admin, asha, host = people
    hold(running_app, host, meeting, asha)

    _library_has_the_transcript(asha)
    asha.page.locator("#q").fill("oven")
    asha.page.keyboard.press("Enter")
    asha.page.wait_for_url(re.compile("q=oven"))
    asha.press("Read what was said")
    asha.sees("Good evening, everybody")
    asha.go("/recordings")
    tab = asha.tab("Watch Pricing")
    expect(tab.locator("#room-state")).to_contain_text("You are watching the recording")
    asha.go("/recordings")
    asha.sees("Watched ")

    admin.go(f"/admin/classes/{meeting['id']}/views?show=watched")
    admin.sees("Asha")
    admin.go(f"/admin/classes/{meeting['id']}")
    admin.press("Read")
    admin.sees("Good evening, everybody")

    host.page.goto(portal(meeting))
    host.look()
    act(host, "trash")
    _until(asha, "/recordings", "No recording yet")
    asha.go(f"/recordings/classes/{meeting['id']}")
    asha.sees("moved to Zoom’s trash")
    admin.go(f"/admin/classes/{meeting['id']}")
    admin.sees("until it is brought back")
    act(host, "untrash")
    _until(asha, "/recordings", "Watched ")


def test_the_library_works_without_a_script(people, meeting, running_app, chromium):
    _, asha, host = people
    hold(running_app, host, meeting, asha)
    _library_has_the_transcript(asha)
    context = chromium.new_context(base_url=running_app.url, java_script_enabled=False)
    context.add_cookies(asha.context.cookies())
    page = context.new_page()

    page.goto("/recordings")
    page.fill("#q", "zebra")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("main")).to_contain_text("Nothing matches")
    page.fill("#q", "oven")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("main h2")).to_have_text("Pricing")
    page.get_by_role("link", name="Read what was said").click()
    expect(page.locator("main")).to_contain_text("Good evening")
    context.close()


def _library_has_the_transcript(visitor):
    _until(visitor, "/recordings", "Read what was said")


def _until(visitor, address, words):
    """Open the page until it says so: nobody waits on this page, so it does not ask again."""
    for _ in range(240):
        visitor.page.goto(address)
        if words in visitor.page.locator("main").inner_text():
            visitor.look()
            return
        visitor.page.wait_for_timeout(500)
    raise AssertionError(f"{address} never says “{words}”")
