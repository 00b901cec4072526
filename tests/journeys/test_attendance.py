"""Who came to a class: a student by her own link, a guest, and what the admin makes of it."""

import re

import pytest
from playwright.sync_api import expect

from ffapp.local.demo_accounts import ADMIN


@pytest.mark.parametrize("width", [1280, 360])
def test_an_admin_reads_corrects_and_names_who_was_there(running_app, visit, width):
    class_ = running_app.seeder.a_class(minutes=-1)
    admin = visit("Vikram", width=width)
    asha, guest, host = visit("Asha", width=360), visit("A guest"), visit("Host")
    admin.sign_in(ADMIN[1])
    asha.sign_in("asha@students.example")
    admin.go(f"/admin/classes/{class_['id']}")
    expect(admin.page.locator("#zoom-card")).to_contain_text("3 of 3 students")

    # Asha comes by her own link, and is called as she is registered; a guest has to register.
    room = asha.tab("Join Meeting")
    expect(room.locator("[name=name]")).to_have_value("Asha")
    room.locator("#join").click()
    guest.page.goto(common_link(admin))
    guest.page.locator("[name=name]").fill("iPad")
    guest.page.locator("[name=account]").fill("ipad@home.example")
    guest.page.locator("#register").click()
    guest.page.locator("#join").click()
    host.page.goto(class_["start_url"])
    host.page.locator("#start").click()
    expect(host.page.locator("body")).to_contain_text("iPad")
    expect(host.page.locator("body")).to_contain_text("Asha")

    expect(admin.page.locator("#roster-card")).to_contain_text("In the class")
    host.page.locator("#end").click()
    expect(admin.page.locator("#roster-card")).to_contain_text("1 of 3 came")
    expect(admin.page.locator("#roster-card")).to_contain_text(
        "1 person in the meeting is not known"
    )

    # Unmatched participants: ticked, chosen, assigned.
    admin.press("Say who they are")
    admin.sees("iPad")
    admin.page.locator("[name=identity]").check()
    kabir = admin.page.locator("[name=person_id] option", has_text="Kabir Shah")
    admin.page.locator("[name=person_id]").select_option(kabir.get_attribute("value"))
    admin.press("Is this student")
    admin.sees("iPad: counted as Kabir Shah")
    admin.sees("2 of 3 students came")

    # An override, and revoking it.
    admin.unfold()
    admin.find("Correct the attendance of Ravi Menon").click()
    admin.look()
    admin.page.get_by_label("Present").check()
    admin.fill(minutes="40", reason="His microphone was broken")
    admin.press("Save")
    admin.sees("His microphone was broken")
    admin.sees("3 of 3 students came")
    admin.unfold()
    admin.press("Undo the correction of Ravi Menon")
    admin.sees("2 of 3 students came")


def common_link(admin):
    text = admin.page.locator("#zoom-card").inner_text()
    return re.search(r"https?://\S+/j/\S+", text).group(0)
