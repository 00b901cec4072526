"""Every page that somebody can walk to, on a phone in the dark and on a desk by day: no barrier,
and nothing wider than the window."""

import pytest

from ffapp.demo_cast import ADMIN, PASSWORD
from tests.journeys.seed import seed_a_class

DESK, PHONE = ("light", 1280), ("dark", 360)
TABLES = ("cohorts", "people", "effects", "webhook_deliveries")
PUBLIC = ("/sign-in", "/forgot")
OF_AN_ADMIN = (
    "/admin/today",
    "/admin/classes",
    "/admin/classes?when=past",
    "/admin/classes/month",
    "/admin/classes/new",
    "/admin/classes/cancellations?class={id}",
    "/admin/classes/{id}",
    "/admin/classes/{id}/edit",
    "/admin/classes/{id}/attendance",
    "/admin/classes/{id}/views",
    "/admin/classes/{id}/cancellation",
    "/admin/classes/{id}/attendance/{people}",
    "/admin/cohorts",
    "/admin/cohorts/new",
    "/admin/cohorts/{cohorts}",
    "/admin/cohorts/{cohorts}/enrolments/new",
    "/admin/cohorts/{cohorts}/edit",
    "/admin/cohorts/{cohorts}/invitations/new",
    "/admin/people",
    "/admin/people/{people}/edit",
    "/admin/people/{people}/guardians/new",
    "/admin/people/admins/new",
    "/admin/people/{people}",
    "/admin/recordings",
    "/admin/messages",
    "/admin/messages?state=failed",
    "/admin/messages/{effects}",
    "/admin/messages/templates",
    "/admin/messages/templates/class_moved",
    "/admin/messages/templates/classes_scheduled",
    "/admin/notifications",
    "/admin/webhooks",
    "/admin/webhooks/{webhook_deliveries}",
    "/simulators/",
    "/simulators/mailbox",
    "/simulators/phone",
    "/simulators/journal",
    "/simulators/weather",
)
OF_A_STUDENT = (
    "/home",
    "/schedule",
    "/schedule?past=1",
    "/schedule/month",
    "/classes/{id}",
    "/classes/{id}/cannot-join",
    "/recordings",
    "/recordings/classes/{id}",
    "/me",
    "/notifications",
)


@pytest.mark.parametrize(("colours", "width"), [DESK, PHONE])
def test_no_page_has_a_barrier(house, visit, colours, width):
    made = seed_a_class(house, minutes=10)
    ids = {table: house.newest(table) for table in TABLES} | made
    for email, pages in (
        (None, PUBLIC),
        (ADMIN[1], OF_AN_ADMIN),
        ("asha@students.example", OF_A_STUDENT),
    ):
        visitor = visit(email or "Anybody", width=width)
        visitor.page.emulate_media(color_scheme=colours)
        if email:
            sign_in(visitor, email)
        for address in pages:
            answer = visitor.page.goto(address.format(**ids))
            assert answer.status == 200, address
            visitor.look()


def sign_in(visitor, email):
    visitor.page.goto("/sign-in")
    visitor.fill(email=email, password=PASSWORD)
    visitor.press("Sign in")
