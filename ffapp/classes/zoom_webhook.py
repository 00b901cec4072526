"""What Zoom tells us about a class's meeting, translated by table."""

from collections.abc import Callable

from ffapp import clock
from ffapp.classes import fates, live, recordings, stays, zoom_changes
from ffapp.classes.models import ClassSession
from ffapp.providers.zoom.webhook import WebhookEvent, parse
from ffapp.webhooks import inbox
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState


def handle(body: bytes) -> Handled:
    """Apply one event to its class; it is parked while no class has that meeting yet."""
    event = parse(body)
    if event.batch:
        return fates.hear_of_many(event)
    apply = APPLY.get(event.name)
    if apply is None:
        why = NOTHING_FOLLOWS.get(event.name, f"Nothing follows from {event.name}.")
        return Handled(DeliveryState.IGNORED, why)
    if event.meeting_id is None:
        return Handled(DeliveryState.IGNORED, "It does not say which meeting it is about.")
    match_key = f"zoom:meeting={event.meeting_id}"
    inbox.hold(match_key)
    session = live.session_of_meeting(event.meeting_id)
    if session is None:
        reason = f"No class has the Zoom meeting {event.meeting_id}."
        return Handled(DeliveryState.PARKED, reason, match_key)
    if event.name in PROVES_THAT_IT_IS_THERE:
        zoom_changes.is_there_after_all(session, event)
    return apply(session, event) or Handled(DeliveryState.DONE)


def _started(session: ClassSession, event: WebhookEvent) -> None:
    live.meeting_started(session, event.uuid, event.start_time or event.at or clock.now())


def _ended(session: ClassSession, event: WebhookEvent) -> None:
    ended = event.end_time or event.at or clock.now()
    live.meeting_ended(session, event.uuid, event.start_time or ended, ended)


def _recorded(session: ClassSession, event: WebhookEvent) -> None:
    if event.recordings is not None:
        recordings.store(session, [event.recordings], "Zoom")


def _came_or_went(session: ClassSession, event: WebhookEvent) -> None:
    if event.participant is not None:
        is_host = bool(event.host_id) and event.participant.id == event.host_id
        stays.hear(session, event.uuid, event.participant, is_host=is_host)


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
    "recording.trashed": fates.hear,
    "recording.deleted": fates.hear,
    "recording.recovered": fates.hear,
}
PROVES_THAT_IT_IS_THERE = frozenset({"meeting.started", "meeting.updated"})
NOTHING_FOLLOWS = {
    "meeting.created": "A class learns of its meeting from Zoom's answer, not from this post.",
    "recording.renamed": "A recording is called here what its class is called.",
    "recording.batch_trashed": "It names no recording.",
    "recording.batch_deleted": "It names no recording.",
    "recording.batch_recovered": "It names no recording.",
}
