"""What Zoom tells us about a class's meeting, translated by table."""

from collections.abc import Callable

from ffapp.attendance import participant_sessions
from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.meetings import zoom_changes
from ffapp.providers.zoom.webhook import WebhookEvent, parse
from ffapp.recordings import files as recordings_files
from ffapp.recordings import recording_trash
from ffapp.webhooks import inbox
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState


def handle(body: bytes) -> Handled:
    """Apply one event to its class; it is parked while no class has that meeting yet."""
    event = parse(body)
    if event.batch:
        return recording_trash.handle_batch_event(event)
    apply = APPLY.get(event.name)
    if apply is None:
        why = NOTHING_FOLLOWS.get(event.name, f"Nothing follows from {event.name}.")
        return Handled(DeliveryState.IGNORED, why)
    if event.meeting_id is None:
        return Handled(DeliveryState.IGNORED, "It does not say which meeting it is about.")
    match_key = f"zoom:meeting={event.meeting_id}"
    inbox.hold(match_key)
    session = phase.session_of_meeting(event.meeting_id)
    if session is None:
        reason = f"No class has the Zoom meeting {event.meeting_id}."
        return Handled(DeliveryState.PARKED, reason, match_key)
    if event.name in PROVES_THAT_IT_IS_THERE:
        zoom_changes.is_there_after_all(session, event)
    return apply(session, event) or Handled(DeliveryState.DONE)


def _started(session: ClassSession, event: WebhookEvent) -> None:
    phase.meeting_started(session, event.uuid, event.start_time or event.at or clock.now())


def _ended(session: ClassSession, event: WebhookEvent) -> None:
    ended = event.end_time or event.at or clock.now()
    phase.meeting_ended(session, event.uuid, event.start_time or ended, ended)


def _recorded(session: ClassSession, event: WebhookEvent) -> None:
    if event.recordings is not None:
        recordings_files.store_recordings(session, [event.recordings], "Zoom")


def _came_or_went(session: ClassSession, event: WebhookEvent) -> None:
    if event.participant is not None:
        is_host = bool(event.host_id) and event.participant.id == event.host_id
        participant_sessions.record_participant(
            session, event.uuid, event.participant, is_host=is_host
        )


APPLY: dict[str, Callable[[ClassSession, WebhookEvent], Handled | None]] = {
    "meeting.started": _started,
    "meeting.ended": _ended,
    "meeting.participant_joined": _came_or_went,
    "meeting.participant_left": _came_or_went,
    "recording.completed": _recorded,
    "recording.transcript_completed": _recorded,
    "meeting.updated": zoom_changes.updated,
    "meeting.deleted": zoom_changes.deleted,
    "meeting.permanently_deleted": zoom_changes.deleted,
    "meeting.recovered": zoom_changes.recovered,
    "recording.trashed": recording_trash.handle_trash_event,
    "recording.deleted": recording_trash.handle_trash_event,
    "recording.recovered": recording_trash.handle_trash_event,
}
PROVES_THAT_IT_IS_THERE = frozenset({"meeting.started", "meeting.updated"})
NOTHING_FOLLOWS = {
    "meeting.created": "A class learns of its meeting from Zoom's answer, not from this post.",
    "recording.renamed": "A recording is called here what its class is called.",
    "recording.batch_trashed": "It names no recording.",
    "recording.batch_deleted": "It names no recording.",
    "recording.batch_recovered": "It names no recording.",
}
