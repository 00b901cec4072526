"""The product's main job, from an empty programme, with screens only and real processes."""

from datetime import timedelta

from playwright.sync_api import expect

from ffapp import clock

ZONE = "Asia/Kolkata"
PASSWORD = "a sentence of my own"


def test_from_an_empty_programme_to_a_watched_recording(house, visit):
    admin, asha = visit("Vikram"), visit("Asha", width=360, height=740)

    # The admin sets a password with the link that the command line gave, and finds it empty.
    admin.go(house.admin_link)
    admin.fill(password=PASSWORD)
    admin.press("Set password and sign in")
    admin.sees("Classes")

    make_cohort(admin)
    invite(admin, "Asha Rao", "asha@students.example")
    let_in_from_the_mailbox(admin, asha)
    schedule(admin)

    # Its meeting appears by itself.
    expect(admin.page.locator("#zoom-card")).to_contain_text("Passcode")
    admin.sees("Ready")
    class_page = admin.page.url

    # The student sees the countdown, and joins with one click.
    asha.go("/home")
    asha.sees("You can join now")
    expect(asha.page.locator("[data-count]")).to_contain_text("s")
    room = asha.tab("Join Meeting")
    stand_in_the_room(room)

    host = start_as_host(admin)
    expect(room.locator("[data-participants], body")).to_contain_text("Asha")
    asha.sees("Live now")
    expect(asha.find("Rejoin").first).to_be_visible()

    # The host ends the class; the recording arrives by itself.
    host.locator("#end").click()
    asha.sees("Ended")
    asha.sees("Recording ready")
    admin.go(class_page)
    admin.sees("Available")

    one_mail_about_the_recording(admin)
    watch(asha)
    sync_now(admin)


def make_cohort(admin):
    admin.go("/admin/cohorts")
    admin.press("Make cohort")
    today = clock.local(clock.now(), ZONE).date()
    admin.fill(
        name="Winter founders",
        starts_on=today.isoformat(),
        ends_on=(today + timedelta(days=60)).isoformat(),
        seats="12",
        time_zone=ZONE,
    )
    admin.press("Make cohort")
    admin.sees("Winter founders")


def invite(admin, name, email):
    admin.press("Invite new student")
    admin.fill(name=name, email=email, guardian_name="Meena Rao")
    admin.page.get_by_label("Agreed").check()
    admin.press("Enrol and invite")
    admin.sees(name)


def let_in_from_the_mailbox(admin, asha):
    """The invitation is read in the simulated mailbox, and its link is followed by the student."""
    admin.go("/simulators/mailbox")
    admin.sees("Your place at Future Founders")
    admin.page.get_by_role("link", name="Your place at Future Founders").first.click()
    admin.page.wait_for_load_state()
    text = admin.page.locator("body").inner_text()
    link = next(word for word in text.split() if "/links/" in word)
    asha.go(link)
    asha.fill(password=PASSWORD)
    asha.press("Set password and sign in")
    asha.sees("No class yet")


def schedule(admin):
    admin.go("/admin/classes")
    admin.press("Schedule class")
    starts = clock.local(clock.now() + timedelta(minutes=10), ZONE)
    admin.fill(
        title="Pricing your idea",
        day=starts.date().isoformat(),
        at=f"{starts:%H:%M}",
        minutes="60",
    )
    admin.press("Schedule class")
    if admin.page.get_by_text("Schedule anyway").count():  # in the night it is questioned
        admin.press("Schedule anyway")
    admin.sees("Pricing your idea")


def stand_in_the_room(room):
    room.wait_for_load_state()
    room.locator("[name=name]").fill("Asha Rao")
    room.locator("#join").click()
    expect(room.locator("#room-state")).to_be_visible()


def start_as_host(admin):
    admin.press("Start as host")
    expect(admin.page.locator("#start")).to_be_visible()
    admin.page.locator("#start").click()
    expect(admin.page.locator("#end")).to_be_visible()
    return admin.page


def one_mail_about_the_recording(admin):
    admin.go("/simulators/mailbox")
    admin.sees("Recording ready: Pricing your idea")
    found = admin.page.get_by_role("link", name="Recording ready: Pricing your idea")
    expect(found).to_have_count(1)


def watch(asha):
    asha.go("/recordings")
    asha.press("Pricing your idea")
    player = asha.tab("Watch")
    player.wait_for_load_state()
    assert "/rec/play/" in player.url


def sync_now(admin):
    admin.go("/admin/recordings")
    admin.press("Sync now")
    admin.sees("call")
    admin.go("/simulators/mailbox")
    found = admin.page.get_by_role("link", name="Recording ready: Pricing your idea")
    expect(found).to_have_count(1)
