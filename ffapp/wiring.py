"""Hand to lower packages what upper ones declare: handlers, preconditions, undo, listeners."""

from collections.abc import Sequence

from ffapp.attendance import participant_sessions
from ffapp.calls import place, request, stop
from ffapp.calls import track as call_track
from ffapp.calls.hours import wait_for_calling_hours
from ffapp.classes import schedule, undoable
from ffapp.core import events, runs
from ffapp.imports import applying, checking, importer
from ffapp.ledger import batches, handlers
from ffapp.meetings import (
    meeting_lifecycle,
    meeting_requests,
    meeting_status,
    registration,
    registration_effects,
    zoom_effects,
    zoom_webhook,
)
from ffapp.messaging import (
    compose,
    email,
    suppression,
    track,
    whatsapp,
    whatsapp_track,
)
from ffapp.notices.kit.quiet_hours import wait_for_the_morning
from ffapp.notices.kit.registry import all_notices, register_whatsapp_texts
from ffapp.notifications import choices
from ffapp.people import come_of_age  # noqa: F401 (its job)
from ffapp.people.consent import no_consent
from ffapp.people.disable import is_disabled
from ffapp.programme import enrol_many
from ffapp.programme.student_import import STUDENTS
from ffapp.providers import connections
from ffapp.recordings import files, recording_refresh, sync
from ffapp.subscriptions import SUBSCRIPTIONS
from ffapp.webhooks import inbox


def wire() -> None:
    """Wire the app; doing it twice changes nothing."""
    events.subscribe(SUBSCRIPTIONS)
    schedule.plan_meetings_with(
        schedule.MeetingPlanner(
            create=meeting_requests.request_meeting,
            change=meeting_requests.request_change,
            delete=meeting_requests.request_deletion,
        )
    )
    zoom_webhook.handle_with(
        {**zoom_webhook.WEBHOOKS, **participant_sessions.WEBHOOKS, **recording_refresh.WEBHOOKS},
        batch=recording_refresh.handle_batch,
    )
    # By a provider's key: who handles its webhooks.
    inbox.handle_with(
        {
            "zoom": zoom_webhook.handle,
            "sendgrid": track.handle,
            "aisensy": whatsapp_track.handle,
            "bolna": call_track.handle,
        }
    )
    importer.register(STUDENTS)
    runs.register(sync.KIND, sync.work)
    runs.register(connections.KIND, connections.work)
    runs.register(checking.KIND, checking.work)
    runs.register(applying.KIND, applying.work)
    runs.register(request.RUN, request.plan_by_run)
    register_notices()
    _wire_ledger()


def _wire_ledger() -> None:
    """What the ledger asks before an act, who does it, who hears of it, and how it is undone."""
    handlers.register_handlers(
        email.handler(),
        whatsapp.handler(),
        place.handler(),
        *zoom_effects.handlers(),
        *registration_effects.handlers(),
    )
    handlers.register_preconditions(
        {
            meeting_requests.RULE: meeting_requests.why_obsolete,
            **dict.fromkeys(registration.RULES.values(), registration.why_obsolete),
        }
    )
    batches.register_undo(
        {
            "enrol": enrol_many.undo_enrolments,
            "message": batches.cancel_effects,
            request.BATCH: batches.cancel_effects,
            "cancel": undoable.undo_cancellations,
            applying.BATCH: applying.undo,
            undoable.CHANGE: undoable.undo_change,
            enrol_many.INVITE: enrol_many.undo_invitation,
            enrol_many.WITHDRAW: enrol_many.undo_withdrawal,
            files.VISIBILITY: files.undo_visibility,
        }
    )
    handlers.set_gate(is_disabled, no_consent, choices.not_wanted, suppression.unreachable)
    handlers.set_postponements(wait_for_the_morning, wait_for_calling_hours)
    handlers.after_outcomes(
        _release_deliveries,
        meeting_status.store_states,
        meeting_lifecycle.check_for_strays_later,
        stop.check_for_strays_later,
    )


def register_notices() -> None:
    """Hand out what each notice declares."""
    notices = all_notices()
    compose.register(notices)
    register_whatsapp_texts()
    choices.register({each.name: each.kind for each in notices if each.kind})
    handlers.register_preconditions({each.name: each.preconditions for each in notices})


def _release_deliveries(effect_ids: Sequence[int]) -> None:
    inbox.release([f"effect={effect_id}" for effect_id in effect_ids])
