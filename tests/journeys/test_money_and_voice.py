"""Money and voice, on screens only: an admin calls, and hears how it went."""

import re

from playwright.sync_api import expect

from ffapp.local.demo_accounts import ADMIN
from tests.calls.calling import daytime_zone


def test_an_admin_places_a_call_and_hears_how_it_went(running_app, visit):
    running_app.seeder.a_class(hours=30)
    running_app.change_rows("UPDATE people SET time_zone = :zone", zone=daytime_zone())
    admin = visit("Vikram")
    admin.sign_in(ADMIN[1])

    # From the page of a student, with a script; the page follows the call by itself.
    admin.go("/admin/people?q=asha")
    admin.press("Asha")
    admin.press("Call")
    admin.page.locator("[name=script]").select_option("Missed classes")
    admin.press("Call now")
    admin.sees("Answered")
    admin.sees("assistant: Namaste Asha, this is an automated call")
    admin.sees("Cost at Bolna")
    admin.look_at_it_everywhere()

    # The recording is played from our own page, and that is written down.
    admin.press("Play the recording")
    player = admin.page.locator("audio")
    expect(player).to_be_visible()
    admin.page.wait_for_function("document.querySelector('audio').duration > 3")
    admin.sees("listened to the call to Asha")

    # Several from the list; there is a minute in which it can be undone.
    admin.go("/admin/people?role=student")
    for box in admin.page.locator("[name=id]").all()[:3]:
        box.check()
    admin.press("Call them")
    admin.look_at_it_everywhere()
    admin.find(re.compile(r"^Call \d people|^Call [A-Z]")).first.click()
    admin.sees("in a minute")
    admin.page.get_by_role("button", name="Undo").first.click()
    admin.sees("called off")

    # The list has them all, on a phone as well, and what it cost.
    admin.go("/admin/calls")
    admin.sees("This month: 1 call,")
    admin.look_at_it_everywhere()
