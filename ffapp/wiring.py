"""Hands to the lower floors what they ask for: who performs, who is asked, who listens."""

from collections.abc import Sequence

from ffapp.attendance import participant_sessions
from ffapp.classes import cancel_many, change_undo, schedule
from ffapp.core import events, runs
from ffapp.imports import applying, checking, importer
from ffapp.ledger import batches, handlers
from ffapp.meetings import (
    link_revocation,
    meeting_requests,
    registration,
    registration_effects,
    zoom_effects,
    zoom_webhook,
)
from ffapp.messaging import (
    announce,
    chat_templates,
    compose,
    email,
    suppression,
    track,
    whatsapp,
    whatsapp_track,
)
from ffapp.notifications.choices import not_wanted
from ffapp.people.consent import no_consent
from ffapp.programme import enrol_many
from ffapp.programme.student_import import STUDENTS
from ffapp.providers import registry
from ffapp.reactions import still_true
from ffapp.reactions.notices import NOTICES
from ffapp.reactions.quiet import wait_for_the_morning
from ffapp.reactions.series import CLASSES_CANCELLED, CLASSES_SCHEDULED
from ffapp.recordings import files, recording_trash, sync
from ffapp.subscriptions import SUBSCRIPTIONS
from ffapp.webhooks import inbox


def wire() -> None:
    """Wire the house; doing it twice changes nothing."""
    events.subscribe(SUBSCRIPTIONS)
    schedule.plan_meetings_with(
        schedule.MeetingPlanner(
            create=meeting_requests.request_meeting,
            change=meeting_requests.request_change,
            delete=meeting_requests.request_deletion,
        )
    )
    zoom_webhook.handle_with(
        {**zoom_webhook.WEBHOOKS, **participant_sessions.WEBHOOKS, **recording_trash.WEBHOOKS},
        batch=recording_trash.handle_batch_event,
    )
    compose.announce_by(*NOTICES[:1], CLASSES_SCHEDULED, *NOTICES[1:])
    compose.announce_by(CLASSES_CANCELLED, announce.ANNOUNCEMENT)
    handlers.register_handlers(
        email.handler(),
        whatsapp.handler(),
        *zoom_effects.handlers(),
        *registration_effects.handlers(),
    )
    handlers.register_preconditions(
        {
            "class_scheduled": still_true.class_notice,
            "classes_scheduled": still_true.classes_scheduled,
            "class_renamed": still_true.class_notice,
            "class_moved": still_true.class_moved,
            "class_cancelled": still_true.class_cancelled,
            "classes_cancelled": still_true.classes_cancelled,
            "class_reminder_24h": still_true.class_reminder,
            "class_reminder_15min": still_true.class_reminder,
            announce.RULE: still_true.announcement,
            "recording_available": still_true.recording_available,
            "invitation": still_true.access_link,
            "reset": still_true.access_link,
            meeting_requests.RULE: meeting_requests.why_obsolete,
            registration.RULE: registration.why_obsolete,
            link_revocation.RULE: link_revocation.why_obsolete,
        }
    )
    importer.register(STUDENTS)
    runs.register(sync.KIND, sync.work)
    runs.register(checking.KIND, checking.work)
    runs.register(applying.KIND, applying.work)
    batches.register_undo(
        {
            "enrol": enrol_many.undo_enrolments,
            "message": batches.cancel_effects,
            "cancel": cancel_many.undo_cancellations,
            applying.BATCH: applying.undo,
            change_undo.KIND: change_undo.undo_change,
            enrol_many.WITHDRAW: enrol_many.undo_withdrawal,
            files.VISIBILITY: files.undo_visibility,
        }
    )
    handlers.set_gate(no_consent, not_wanted, suppression.unreachable)
    handlers.set_postponements(wait_for_the_morning)
    handlers.after_outcomes(_release_deliveries)
    _wire_providers()


def _wire_providers() -> None:
    """By a provider's key: who handles its webhooks, and who checks it instead of its client."""
    inbox.handle_with(
        {
            "zoom": zoom_webhook.handle,
            "sendgrid": track.handle,
            "aisensy": whatsapp_track.handle,
        }
    )
    registry.check_by({"aisensy": chat_templates.check_campaigns})


def _release_deliveries(effect_ids: Sequence[int]) -> None:
    inbox.release([f"effect={effect_id}" for effect_id in effect_ids])
