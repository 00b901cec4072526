"""What is kept, where, why and for how long: the one table, and the job that deletes by it.

`docs/privacy.md` and the privacy notice show it; a test compares it with the schema. What has no
`days` is kept as long as `how_long` says, or is deleted by the job that `by` names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.i18n import lazy_gettext as _
from ffapp.core.jobs import SWEEPS, queue

JOB = "retention.delete"
AT_A_TIME = 5000
OF_CLASS = "session_id IN (SELECT id FROM sessions WHERE starts_at < :before)"
OVER = "state NOT IN ('planned', 'sending') AND coalesce(settled_at, closed_at) < :before"


@dataclass(frozen=True)
class Kept:
    """One kind of data. `where` maps a table to the condition by which its rows are too old.

    The tables come in the order in which they are deleted. `is_personal` rows stand in the notice
    that families read, so their words are translated.
    """

    what: Any
    why: Any
    how_long: Any
    where: dict[str, str | None]
    days: int | None = None
    by: str = ""
    is_personal: bool = False


def _tables(*names: str, when: str | None = None) -> dict[str, str | None]:
    return dict.fromkeys(names, when)


TABLE: Sequence[Kept] = (
    Kept(
        _("Name, address, phone, date of birth, place in a cohort, choices"),
        _("To hold the classes and to reach the student"),
        _("as long as the student takes part, and until you have it deleted"),
        _tables(
            "people",
            "users",
            "enrolments",
            "notification_choices",
            "quiet_hours",
            "calendar_feeds",
            "passkeys",
            "totp_secrets",
            "recovery_codes",
            "saved_views",
            "template_drafts",
        ),
        is_personal=True,
    ),
    Kept(
        _("The guardian, and every answer with its evidence"),
        _("To show that we were allowed to do what we did"),
        _("as long as the student’s data, and with it deleted"),
        _tables("guardians", "consents", "consent_proofs"),
        is_personal=True,
    ),
    Kept(
        _("One-time codes"),
        _("To confirm a guardian’s answers"),
        _("7 days"),
        {"guardian_codes": "created_at < :before"},
        days=7,
        is_personal=True,
    ),
    Kept(
        _("Who was in a class and who watched a recording"),
        _("To see who needs help"),
        _("3 years after the class"),
        {
            **_tables("participant_sessions", "participant_assignments", when=OF_CLASS),
            **_tables("attendance_overrides", "joins", "start_links", when=OF_CLASS),
            "recording_views": "at < :before",
        },
        days=3 * 365,
        is_personal=True,
    ),
    Kept(
        _("The personal link into a Zoom meeting"),
        _("To let the student in, and to know them there"),
        _("1 year after the class"),
        {"personal_links": OF_CLASS},
        days=365,
        is_personal=True,
    ),
    Kept(
        _("The text of each message and whether it arrived"),
        _("To answer what was sent"),
        _("1 year"),
        {
            **_tables("email_logs", "whatsapp_logs", when="created_at < :before"),
            "mail_sheets": "NOT EXISTS (SELECT FROM email_logs WHERE sheet_id = mail_sheets.id)",
        },
        days=365,
        is_personal=True,
    ),
    Kept(
        _("Phone calls: when, how long, what was said, and the recording"),
        _("To answer what was said"),
        _("1 year"),
        {
            "call_recordings": "call_id IN (SELECT id FROM call_logs WHERE created_at < :before)",
            "call_logs": "created_at < :before",
        },
        days=365,
        is_personal=True,
    ),
    Kept(
        _("That something was sent or happened, without its text"),
        _("So that nothing is done twice, and each change can be explained"),
        _("2 years"),
        {
            "effects": OVER,
            "effect_attempts": None,
            "events": "at < :before",
            "announcements": "written_at < :before",
            "batches": "made_at < :before"
            " AND NOT EXISTS (SELECT FROM announcements WHERE batch_id = batches.id)"
            " AND NOT EXISTS (SELECT FROM imports WHERE batch_id = batches.id)",
        },
        days=2 * 365,
        is_personal=True,
    ),
    Kept(
        _("Lines in the bell"),
        _("To show what is new"),
        _("6 months"),
        {"notifications": "at < :before"},
        days=182,
        is_personal=True,
    ),
    Kept(
        _("Recordings and what was said in them"),
        _("For those who missed a class"),
        _("as long as Zoom keeps the recording; the team can delete it there"),
        _tables("recordings", "transcripts"),
        is_personal=True,
    ),
    Kept(
        "Links that set a password",
        "To let somebody in",
        "90 days after they expire",
        {"access_links": "expires_at < :before"},
        days=90,
    ),
    Kept(
        "Sessions and failed sign-ins",
        "To know who is signed in, and to slow down guessing",
        "until they are over",
        _tables("user_sessions", "sign_in_failures"),
        by="sessions.forget, sign_in_failures.forget",
    ),
    Kept(
        "Requests for a new password, and posts that were refused",
        "To see what somebody tries",
        "30 days",
        {"reset_requests": "at < :before", "webhook_refusals": "last_at < :before"},
        days=30,
    ),
    Kept(
        "Addresses that take no messages",
        "So that nobody writes there again",
        "as long as the programme runs",
        _tables("suppressions"),
    ),
    Kept(
        "Uploaded lists of students",
        "To correct an import and to undo it",
        "30 days",
        _tables("imports", "import_rows"),
        by="imports.forget",
    ),
    Kept(
        "What providers have posted to us",
        "To handle it again where something broke",
        "90 days",
        _tables("webhook_deliveries"),
        by="webhooks.forget",
    ),
    Kept(
        "Cohorts, classes, their meetings, texts and settings",
        "They are the programme itself; nobody’s data",
        "as long as the programme runs",
        _tables(
            "cohorts",
            "sessions",
            "former_meetings",
            "meeting_instances",
            "participant_checks",
            "message_templates",
            "educator_settings",
            "provider_tokens",
        ),
    ),
    Kept(
        "Progress of long jobs",
        "To show how far they are",
        "90 days",
        {
            "runs": "finished_at < :before"
            " AND NOT EXISTS (SELECT FROM imports WHERE runs.id IN (run_id, check_id))"
        },
        days=90,
    ),
    Kept(
        "One-time keys of forms, jobs of the queue, and the number of the newest migration",
        "So that a form is saved once, and a job runs once",
        "forms 30 days, jobs until they are done, failed ones 7 days",
        _tables("form_submissions", "procrastinate_*", "alembic_version"),
        by="forms.forget, jobs.forget_finished",
    ),
    Kept(
        "What simulated providers have taken",
        "To try the programme without a provider",
        "30 days",
        _tables("simulator.*"),
        by="simulator.forget",
    ),
)


def shown_to_families() -> Sequence[Kept]:
    return [each for each in TABLE if each.is_personal]


@queue.periodic(cron="17 * * * *")
@queue.task(name=JOB, queue=SWEEPS, queueing_lock=JOB)
def delete_old(timestamp: int) -> None:
    """Delete what was kept long enough, some thousand rows at a time."""
    for kept in TABLE:
        if kept.days is None:
            continue
        before = clock.now() - timedelta(days=kept.days)
        for table, condition in kept.where.items():
            statement = text(
                f"DELETE FROM {table} WHERE id IN"
                f" (SELECT id FROM {table} WHERE {condition} LIMIT {AT_A_TIME})"
            )
            while condition and _delete(statement, before) == AT_A_TIME:
                pass


def _delete(statement: Any, before: Any) -> int:
    result: Any = transaction(db.session.execute, statement, {"before": before})
    return int(result.rowcount)
