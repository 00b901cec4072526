"""A list by keyboard alone: search, move, choose, open."""

from playwright.sync_api import expect

from ffapp.local.demo_accounts import ADMIN


def test_a_list_is_searched_chosen_from_and_opened_by_keyboard(running_app, visit):
    running_app.seeder.a_class(minutes=10)
    admin = visit("Admin")
    admin.sign_in(ADMIN[1])
    page = admin.go("/admin/people")
    links = page.locator("[data-list] .row-link")

    page.keyboard.press("/")
    expect(page.locator("[data-list] #q")).to_be_focused()
    page.keyboard.type("students.example")
    expect(links).to_have_count(3)
    page.keyboard.press("Tab")  # out of the field, where letters are letters
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-chosen-count]")).to_have_text("1 chosen:")
    page.keyboard.press("k")
    name = links.nth(0).inner_text()
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text(name)
    admin.look()
