"""Handle Zoom's webhooks about a class's meeting, by a table."""

from collections.abc import Callable, Mapping

from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.meetings import meeting_refresh
from ffapp.providers.zoom.webhook import WebhookEvent, parse
from ffapp.webhooks import inbox
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState

Handler = Callable[[ClassSession, WebhookEvent], Handled | None]
BatchHandler = Callable[[WebhookEvent], Handled]

_handlers: Mapping[str, Handler] = {}
_handle_batch: BatchHandler


def handle_with(handlers: Mapping[str, Handler], batch: BatchHandler) -> None:
    """Set who applies each event of a class's meeting, and who applies those of many recordings."""
    global _handlers, _handle_batch
    _handlers, _handle_batch = handlers, batch


def handle(body: bytes) -> Handled:
    """Apply one event to its class; it is unmatched while no class has that meeting yet."""
    event = parse(body)
    if event.batch:
        return _handle_batch(event)
    apply = _handlers.get(event.name)
    if apply is None:
        return Handled(DeliveryState.IGNORED, f"Nothing follows from {event.name}.")
    if event.meeting_id is None:
        return Handled(DeliveryState.IGNORED, "It does not say which meeting it is about.")
    match_key = f"zoom:meeting={event.meeting_id}"
    inbox.hold(match_key)
    session = phase.session_of_meeting(event.meeting_id)
    if session is None:
        reason = f"No class has the Zoom meeting {event.meeting_id}."
        return Handled(DeliveryState.UNMATCHED, reason, match_key)
    return apply(session, event) or Handled(DeliveryState.DONE)


def _started(session: ClassSession, event: WebhookEvent) -> None:
    if session.zoom_gone_at is not None and event.meeting_id == session.zoom_meeting_id:
        meeting_refresh.request_refresh(session)  # it was recovered, and that webhook was lost
    phase.meeting_started(session, event.uuid, event.start_time or event.at or clock.now())


def _ended(session: ClassSession, event: WebhookEvent) -> None:
    ended = event.end_time or event.at or clock.now()
    phase.meeting_ended(session, event.uuid, event.start_time or ended, ended)


def _changed(session: ClassSession, event: WebhookEvent) -> Handled:
    """Somebody has changed, deleted or recovered the meeting, or we did: have it read."""
    if event.meeting_id != session.zoom_meeting_id:
        return Handled(DeliveryState.IGNORED, "The class has another meeting since.")
    meeting_refresh.request_refresh(session, "" if event.effect_id else event.operator)
    return Handled(DeliveryState.DONE)


WEBHOOKS: Mapping[str, Handler] = {
    "meeting.started": _started,
    "meeting.ended": _ended,
    "meeting.updated": _changed,
    "meeting.deleted": _changed,
    "meeting.permanently_deleted": _changed,
    "meeting.recovered": _changed,
}
