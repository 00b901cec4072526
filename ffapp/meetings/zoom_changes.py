"""What somebody changed inside Zoom: the class takes it over, and never tells it back.

Zoom posts every change of a meeting, also those that we make ourselves. A post whose agenda carries
the marker of an effect of this class is about our own change: only its instant is remembered.
Nothing that comes in by a post ever plans a change at Zoom, so no change can run in a circle.

Who wins is decided for each part (topic, start, length) by itself, by when it was changed at Zoom:

* While a change of ours is in flight, or its fate is unknown, nobody can say which of the two Zoom
  took last: the post waits for the outcome (unmatched), which stamps what Zoom had after it.
* What is not younger than a stamp is passed over: it came late, or twice, or ours replaced it.
* What is older than an admin's last edit of that part is not taken: the edit is on its way to Zoom,
  or failed visibly, and will replace it there. The timeline says so.
* Everything else is younger than all we know: the class follows. A planned change of ours that is
  about other parts then goes with the new values.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase, held_instances, phase_of
from ffapp.classes.schedule import follow_zoom
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event, record
from ffapp.ledger.models import Effect
from ffapp.meetings import meeting_lifecycle, meeting_refresh, meeting_requests, stamps
from ffapp.meetings.topic import title_in
from ffapp.providers.zoom.webhook import WebhookEvent
from ffapp.providers.zoom.wire_changes import Changed
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState

# A part of the meeting → what the class calls it. The agenda is our own text, with the marker.
FIELDS = {"topic": "title", "start_time": "starts_at", "duration": "duration_minutes"}
NOT_READ_BACK = frozenset({*FIELDS, "agenda"})
MINUTES = range(1, 24 * 60 + 1)


def updated(session: ClassSession, event: WebhookEvent) -> Handled:
    """Somebody, or we, changed the meeting."""
    changed, at = event.changed or Changed(), event.changed_at or clock.now()
    if (reason := _why_pointless(session, event)) is not None:
        return _ignored(reason)
    if _is_ours(session, changed):
        stamps.note(session, stamps.at_once(changed.object.names, at))
        return _ignored("It is our own change, told back.")
    if not changed.object.names:
        return _ignored("Nothing has changed that a class says.")
    news = [part for part in changed.object.names if stamps.is_news(session, part, at)]
    if not news:
        return _ignored("What is known of it is as young, or younger.")
    ours = meeting_requests.change_in_flight(session)
    if ours is not None:
        reason = "A change of ours is under way; which one Zoom took last is not known yet."
        return Handled(DeliveryState.UNMATCHED, reason, f"effect={ours.id}")
    stamps.note(session, stamps.at_once(news, at))
    if not NOT_READ_BACK.issuperset(news):
        meeting_refresh.request_refresh(session)
    _take_over(session, _differences(session, changed, news), at, event.operator)
    return Handled(DeliveryState.DONE)


def deleted(session: ClassSession, event: WebhookEvent) -> Handled:
    """The meeting is gone, for a while or for good."""
    at = event.changed_at or clock.now()
    if event.meeting_id != session.zoom_meeting_id:
        return _ignored("The class has another meeting since.")
    if event.changed is not None and event.changed.is_of_one_occurrence:
        return _ignored("Only one day of a series was deleted.")
    if not stamps.is_news(session, stamps.EXISTENCE, at):
        return _ignored("What is known of it is as young, or younger.")
    meeting_lifecycle.mark_deleted(session, at, event.operator)
    return Handled(DeliveryState.DONE)


def recovered(session: ClassSession, event: WebhookEvent) -> Handled:
    """The meeting is there again."""
    at = event.changed_at or clock.now()
    if event.meeting_id != session.zoom_meeting_id:
        return _ignored("The class has another meeting since.")
    if not stamps.is_news(session, stamps.EXISTENCE, at):
        return _ignored("What is known of it is as young, or younger.")
    if session.is_cancelled:
        return _ignored("The class is cancelled; its meeting was brought back inside Zoom.")
    stamps.note(session, stamps.at_once([stamps.EXISTENCE], at))
    if session.zoom_gone_at is None:
        return _ignored("The meeting was there all the time.")
    meeting_lifecycle.mark_recovered(session, event.operator)
    meeting_refresh.request_refresh(session)
    return Handled(DeliveryState.DONE)


def is_there_after_all(session: ClassSession, event: WebhookEvent) -> None:
    """A meeting that starts, or is changed, after it was deleted has been recovered meanwhile."""
    gone = session.zoom_gone_at
    if gone is None or session.is_cancelled or event.meeting_id != session.zoom_meeting_id:
        return
    if event.changed_at is not None and event.changed_at > gone:
        meeting_lifecycle.mark_recovered(session, event.operator)
        meeting_refresh.request_refresh(session)


def _why_pointless(session: ClassSession, event: WebhookEvent) -> str | None:
    if event.meeting_id != session.zoom_meeting_id:
        return "The class has another meeting since."
    if session.is_cancelled:
        return "The class is cancelled."
    if session.zoom_gone_at is not None:
        return "The meeting was deleted inside Zoom since."
    if event.changed is not None and event.changed.is_of_one_occurrence:
        return "It is about one day of a series, and a class is one meeting."
    return None


def _is_ours(session: ClassSession, changed: Changed) -> bool:
    effect_id = changed.effect_id or ""
    if not (effect_id.isascii() and effect_id.isdecimal() and len(effect_id) < 19):
        return False
    effect = db.session.get(Effect, int(effect_id))
    return (
        effect is not None
        and effect.subject == session.subject
        and effect.kind in meeting_requests.KINDS
    )


def _differences(session: ClassSession, changed: Changed, news: list[str]) -> dict[str, Any]:
    """What of the news the class says otherwise: part → the value it has at Zoom."""
    new = changed.object
    found: dict[str, Any] = {}
    if "topic" in news and new.topic is not None:
        title = title_in(new.topic, session, changed.old_object.topic or "")
        if title != session.title:
            found["topic"] = title
    start = new.start_time
    # Zoom counts in whole seconds.
    if "start_time" in news and start and start != session.starts_at.replace(microsecond=0):
        found["start_time"] = start
    minutes = new.duration
    if "duration" in news and minutes in MINUTES and minutes != session.duration_minutes:
        found["duration"] = minutes
    return found


def _take_over(session: ClassSession, found: dict[str, Any], at: datetime, operator: str) -> None:
    over = phase_of(session, clock.now()) is Phase.ENDED and bool(held_instances(session))
    reasons = {"held": lambda part: over and part != "topic", "newer": _edited_since(session, at)}
    for why, applies in reasons.items():
        left = [part for part in found if applies(part)]
        if left:
            told = {FIELDS[part]: _told(found.pop(part)) for part in left}
            record(
                "zoom_change_ignored",
                by="Zoom",
                on=session,
                title=session.title,
                wanted=told,
                why=why,
                operator=operator,
            )
    follow_zoom(session, {FIELDS[part]: value for part, value in found.items()}, operator)


def _edited_since(session: ClassSession, at: datetime) -> Callable[[str], bool]:
    """Whether one of us has changed a part since then."""
    events = db.session.scalars(
        select(Event).where(
            Event.subject_type == ClassSession.__tablename__,
            Event.subject_id == session.id,
            Event.actor_id.is_not(None),
            Event.at >= at,
            Event.facts.has_key("changed"),
        )
    ).all()
    return lambda part: any(FIELDS[part] in event.facts["changed"] for event in events)


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _ignored(reason: str) -> Handled:
    return Handled(DeliveryState.IGNORED, reason)
