"""Every page that somebody can walk to, on a phone and on a desk, by day and in the dark: no
barrier, and nothing wider than the window."""

from ffapp.local.demo_accounts import ADMIN

TABLES = ("cohorts", "people", "guardians", "effects", "webhook_deliveries", "recordings")
TRANSCRIPT = """
WITH files AS (
    INSERT INTO recordings (session_id, meeting_uuid, file_id, file_type, size_bytes, starts_at,
                            ends_at, play_url, visible, first_seen_at)
    SELECT :id, 'a', kind, kind, 300, now(), now() + interval '1 hour',
           'https://zoom.example/play', true, now()
    FROM (VALUES ('MP4'), ('TRANSCRIPT')) AS kinds (kind)
    RETURNING id, file_type
)
INSERT INTO transcripts (recording_id, state, tries, fetched_at, lines)
SELECT id, 'ready', 1, now(), '[[0, "Meera Iyer", "What does a customer pay for?"]]'
FROM files WHERE file_type = 'TRANSCRIPT'
"""
PUBLIC = ("/sign-in", "/forgot")
OF_AN_ADMIN = (
    "/admin/today",
    "/admin/classes",
    "/admin/classes?when=past",
    "/admin/classes/month",
    "/admin/classes/new",
    "/admin/classes/cancellations?id={id}",
    "/admin/classes/{id}",
    "/admin/classes/{id}/edit",
    "/admin/classes/{id}/attendance",
    "/admin/classes/{id}/views",
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
    "/admin/people/{people}/guardians/{guardians}",
    "/admin/people/{people}/consents/new",
    "/admin/people/admins/new",
    "/admin/people/{people}",
    "/admin/recordings",
    "/admin/recordings/{recordings}/transcript",
    "/admin/messages",
    "/admin/messages?state=failed",
    "/admin/messages/{effects}",
    "/admin/messages/templates",
    "/admin/messages/templates/class_moved",
    "/admin/messages/templates/classes_scheduled",
    "/admin/calls",
    "/admin/people/{people}/calls/new",
    "/admin/notifications",
    "/admin/search?q=asha",
    "/admin/webhooks",
    "/admin/providers",
    "/admin/providers/sendgrid",
    "/admin/webhooks/{webhook_deliveries}",
    "/simulators/",
    "/simulators/mailbox",
    "/simulators/phone",
    "/simulators/journal",
    "/simulators/faults",
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
    "/recordings/{recordings}/transcript",
    "/me",
    "/notifications",
)


def test_no_page_has_a_barrier(running_app, visit):
    made = running_app.seeder.a_class(minutes=10)
    running_app.change_rows(TRANSCRIPT, id=made["id"])
    ids = {table: running_app.newest(table) for table in TABLES} | made
    for email, pages in (
        (None, PUBLIC),
        (ADMIN[1], OF_AN_ADMIN),
        ("asha@students.example", OF_A_STUDENT),
    ):
        visitor = visit(email or "Anybody")
        if email:
            visitor.sign_in(email)
        for address in pages:
            answer = visitor.page.goto(address.format(**ids))
            assert answer.status == 200, address
            visitor.look_at_it_everywhere()
        if email == ADMIN[1]:
            walk_where_only_a_button_leads(visitor)


def walk_where_only_a_button_leads(admin):
    """A page that is not there, a form that is refused, a sync, a message to some."""
    assert admin.page.goto("/admin/classes/999999").status == 404
    admin.look_at_it_everywhere()
    admin.go("/admin/cohorts/new")
    admin.press("Create cohort")
    admin.sees("Give the cohort a name.")
    admin.go("/admin/recordings")
    admin.press("Sync now")
    admin.sees("Calls to Zoom")
    admin.go("/admin/people")
    admin.page.locator("[name=id]").first.check()
    admin.press("Write to them")
    admin.fill(subject="A word", body="Bring a pencil.")
    admin.press("Send")
    admin.sees("A word")
