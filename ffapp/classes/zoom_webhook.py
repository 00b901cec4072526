"""What Zoom tells us about a class's meeting, translated by table."""

from collections.abc import Callable

from ffapp import clock
from ffapp.classes import live, recordings, stays
from ffapp.classes.models import ClassSession
from ffapp.providers.zoom.webhook import WebhookEvent, parse
from ffapp.webhooks import inbox
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState


def handle(body: bytes) -> Handled:
    """Apply one event to its class; it is parked while no class has that meeting yet."""
    event = parse(body)
    apply = APPLY.get(event.name)
    if apply is None:
        return Handled(DeliveryState.IGNORED, f"Nothing follows from {event.name}.")
    if event.meeting_id is None:
        return Handled(DeliveryState.IGNORED, "It does not say which meeting it is about.")
    match_key = f"zoom:meeting={event.meeting_id}"
    inbox.hold(match_key)
    session = live.session_of_meeting(event.meeting_id)
    if session is None:
        reason = f"No class has the Zoom meeting {event.meeting_id}."
        return Handled(DeliveryState.PARKED, reason, match_key)
    apply(session, event)
    return Handled(DeliveryState.DONE)


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


APPLY: dict[str, Callable[[ClassSession, WebhookEvent], None]] = {
    "meeting.started": _started,
    "meeting.ended": _ended,
    "meeting.participant_joined": _came_or_went,
    "meeting.participant_left": _came_or_went,
    "recording.completed": _recorded,
}
