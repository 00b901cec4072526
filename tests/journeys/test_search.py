"""The search in the header, by keyboard alone."""

from playwright.sync_api import expect

from ffapp.local.demo_accounts import ADMIN


def test_somebody_is_found_and_opened_by_keyboard(running_app, visit):
    running_app.seeder.a_class(minutes=10)
    admin = visit("Admin")
    admin.sign_in(ADMIN[1])
    page = admin.go("/admin/classes")

    page.keyboard.press("Control+k")
    page.keyboard.type("asha")
    hits = page.locator("#search-results a")
    expect(hits.first).to_contain_text("Asha")
    admin.look()
    page.keyboard.press("ArrowDown")
    expect(hits.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(page.locator("header [data-search]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url("**/admin/people/*")
    admin.sees("Asha")


def test_on_a_phone_a_page_of_its_own_searches_also_without_javascript(running_app, visit):
    running_app.seeder.a_class(minutes=10)
    admin = visit("Admin", width=360)
    admin.sign_in(ADMIN[1])
    page = admin.go("/admin/today")

    page.get_by_role("link", name="Search").click()
    page.locator("main [data-search]").fill("asha")
    page.keyboard.press("Enter")

    page.wait_for_url("**/admin/search?q=asha")
    expect(page.locator("#search-results a").first).to_contain_text("Asha")
    admin.look()
