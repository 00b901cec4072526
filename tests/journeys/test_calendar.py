"""Weekly classes from one form into a student's month, mailbox and own calendar, in Chromium."""

from datetime import timedelta

from icalendar import Calendar

from ffapp.core import clock


def test_a_series_reaches_the_month_and_the_students_own_calendar(running_app, visit):
    running_app.seeder.a_class(days=20)
    day = clock.local(clock.now(), "Asia/Kolkata").date() + timedelta(days=8)

    vikram = visit("Vikram")
    vikram.sign_in("admin@futurefounders.example")
    vikram.go("/admin/classes/new")
    vikram.fill(title="Office hours {n}", day=day.isoformat(), at="11:00", times="3")
    vikram.press("Schedule class")
    vikram.sees("3 weekly classes are scheduled")
    vikram.go(f"/admin/classes/month?month={day:%Y-%m}")
    vikram.sees("Office hours 1")
    vikram.page.emulate_media(color_scheme="dark")
    vikram.look()

    asha = visit("Asha", width=360, height=740)
    asha.sign_in("asha@students.example")
    asha.go(f"/schedule/month?month={day:%Y-%m}")
    asha.sees(f"{day:%A} {day.day} {day:%B}")
    asha.press("Office hours 1")
    asha.sees("Add to calendar")

    asha.go("/me")
    asha.press("Make a calendar link")
    link = asha.page.locator("[data-copy*='/calendar/']").get_attribute("data-copy")
    with_link = visit("A calendar program").context.request
    calendar = Calendar.from_ical(with_link.get(link).text())
    titles = {str(event["SUMMARY"]) for event in calendar.events}
    assert {"Office hours 1", "Office hours 2", "Office hours 3", "Pricing"} <= titles

    asha.press("Make a new link")
    asha.sees("The old link has stopped working")
    assert with_link.get(link).status == 404
    asha.press("Switch off")
    asha.find("Make a calendar link").wait_for()
