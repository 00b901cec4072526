"""The product's main job, from an empty programme, with screens only and real processes."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from ffapp.core import clock
from tests.processes.poll import poll

ZONE = "Asia/Kolkata"
PASSWORD = "a sentence of my own"
GUARDIAN = "meena@home.example"


def test_from_an_empty_programme_to_a_watched_recording(running_app, visit):
    admin, asha = visit("Vikram"), visit("Asha", width=360, height=740)

    # The admin sets a password with the link that the command line gave, and finds it empty.
    admin.go(running_app.admin_link())
    admin.fill(password=PASSWORD)
    admin.press("Set password and sign in")
    admin.sees("Classes")

    make_cohort(admin)
    invite(admin, "Asha Rao", "asha@students.example")
    guardian_agrees(running_app, admin, visit("Meena", width=360, height=740))
    let_in_from_the_mailbox(running_app, admin, asha)
    schedule(admin)

    # Its meeting appears by itself, with the codes that Zoom gave it.
    admin.sees("Ready")
    class_page = admin.page.url
    meeting_id, passcode = codes = codes_in(admin.page.locator("#zoom-card"))
    assert re.fullmatch(r"\d{10,11}", meeting_id)
    lets_in_with(passcode, admin)

    # The student sees the countdown and the same codes, and joins with one click.
    asha.go("/home")
    asha.sees("You can join now")
    expect(asha.page.locator("[data-count]")).to_have_text(re.compile(r"^\d+\smin\s\d\d\ss$"))
    assert codes_in(asha.page.locator("[data-join]")) == codes
    for code in codes:
        copies(asha, code)
    room = asha.tab("Join Meeting")
    stand_in_the_room(room)

    host = start_as_host(admin)
    for page in (room, host):
        expect(page.locator("#room-state")).to_have_attribute("data-state", "live")
        expect(page.locator("#participants [data-participant='Asha Rao']")).to_be_visible()
    asha.sees("Live now")
    expect(asha.find("Rejoin").first).to_be_visible()
    asha.sees("The class is live. You can rejoin.")

    # The host ends the class after its time; the recording arrives by itself.
    running_app.begin_earlier(running_app.newest("sessions"), minutes=75)
    host.locator("#end").click()
    expect(room.locator("#room-state")).to_have_attribute("data-state", "ended")
    asha.sees("The recording is usually ready by")
    asha.sees("Recording ready")
    admin.go(class_page)
    admin.sees("Available")

    one_mail_about_the_recording(admin)
    watch(asha)
    sync_now(admin)


def make_cohort(admin):
    admin.go("/admin/cohorts")
    admin.press("Create cohort")
    today = clock.local(clock.now(), ZONE).date()
    admin.fill(
        name="Winter founders",
        starts_on=today.isoformat(),
        ends_on=(today + timedelta(days=60)).isoformat(),
        seats="12",
        time_zone=ZONE,
    )
    admin.press("Create cohort")
    admin.sees("Winter founders")


def invite(admin, name, email):
    admin.press("Invite new student")
    admin.fill(name=name, email=email, guardian_name="Meena Rao", guardian_email=GUARDIAN)
    admin.press("Enrol and invite")
    admin.sees(name)


def guardian_agrees(running_app, admin, meena):
    """The guardian reads the notice by the link in the mailbox, decides, and enters the code."""
    asked = "Your child and Future Founders"
    poll(lambda: running_app.has_sent("guardian_request", GUARDIAN, admin), "she is asked", every=1)
    link = next(word for word in mail(admin, asked).split() if "/guardian/" in word)
    meena.go(link)
    meena.sees("Data Protection Board")
    for purpose in ("account", "whatsapp", "calls", "zoom", "recording"):
        meena.page.locator(f"[name={purpose}][value=yes]").check()
    meena.press("Send me the code")
    poll(lambda: running_app.has_sent("guardian_code", "Your code", admin), "the code", every=1)
    meena.fill(code=re.search(r"\b\d{6}\b", mail(admin, "Your code"))[0])
    meena.press("Confirm")
    meena.sees("Thank you. Your answers are kept.")


def mail(admin, subject):
    """The text of the newest mail in the simulated mailbox whose subject begins so."""
    admin.page.get_by_role("link", name=subject).first.click()
    admin.page.wait_for_load_state()
    return admin.page.locator("body").inner_text()


def let_in_from_the_mailbox(running_app, admin, asha):
    """The invitation is read in the simulated mailbox, and its link is followed by the student."""
    poll(lambda: running_app.has_invited(admin), "the invitation goes out", every=1)
    text = mail(admin, "Your place at Future Founders")
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


def codes_in(card):
    """The meeting's number and passcode, as the card's buttons copy them."""
    buttons = [
        card.get_by_role("button", name=name) for name in ("Copy meeting id", "Copy passcode")
    ]
    return tuple(button.get_attribute("data-copy") for button in buttons)


def lets_in_with(passcode, admin):
    """Zoom's own page asks for the passcode, turns another one away, and takes this one."""
    card = admin.page.locator("#zoom-card")
    link = card.get_by_role("button", name="Copy join link").get_attribute("data-copy")
    number = card.locator(".copy-text", has_text=re.compile(r"^\d{3} \d{4} \d{3,4}$")).inner_text()
    zoom = admin.context.new_page()
    zoom.goto(link.partition("?")[0])
    state = zoom.locator("#room-state")
    expect(state).to_have_text(f"Meeting {number} asks for a passcode.")
    for tried, becomes in (("000000", "wrong-passcode"), (passcode, "register")):
        zoom.locator("#pwd").fill(tried)
        zoom.locator("[data-act=passcode]").click()
        expect(state).to_have_attribute("data-state", becomes)
    expect(state).to_have_text(f"Meeting {number} asks you to register.")
    zoom.close()


def copies(visitor, text):
    """One press puts the text where it can be pasted from."""
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.page.locator(f"[data-copy='{text}']").click()
    pasted = "navigator.clipboard.readText()"
    poll(lambda: visitor.page.evaluate(pasted) == text, "it can be pasted")


def stand_in_the_room(room):
    room.wait_for_load_state()
    room.locator("[name=name]").fill("Asha Rao")
    room.locator("#join").click()
    expect(room.locator("#room-state")).to_have_attribute("data-state", "waiting")


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


def finds_nothing_new(admin):
    """A file may be ready whose webhook is not here yet; the next sync has nothing new."""
    admin.go("/admin/recordings")
    admin.press("Sync now")
    admin.sees("It asked Zoom about 1 class in 1 call")
    return "nothing was new" in admin.page.locator("main").inner_text()


def watch(asha):
    asha.go("/recordings")
    asha.press("Pricing your idea")
    player = asha.tab("Watch")
    player.wait_for_load_state()
    assert "/rec/play/" in player.url
    playing = player.locator(".player #room-state")
    expect(playing).to_have_attribute("data-state", "watching")
    expect(playing).to_have_text(re.compile("You are watching the recording of Pricing your idea"))


def sync_now(admin):
    poll(lambda: finds_nothing_new(admin), "all files of the recording are there", every=1)
    admin.go("/simulators/mailbox")
    found = admin.page.get_by_role("link", name="Recording ready: Pricing your idea")
    expect(found).to_have_count(1)
