"""Take over what somebody changed inside Zoom; nothing is ever sent back because of it.

What Zoom has now is compared with what it last had (`zoom_seen`): what differs was changed there.

* While an update of ours is under way, or just done, nobody can say which of the two is the newer:
  the meeting is read again later.
* Where the same part (title, start, length) was changed here and has not reached Zoom yet, ours
  stays and will replace it there. The timeline says so.
* Otherwise the class follows. A planned update of ours then carries the new values along.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase, phase_of
from ffapp.classes.schedule import follow_zoom
from ffapp.core import clock
from ffapp.core.events import record
from ffapp.ledger.models import Effect, State
from ffapp.meetings import meeting_requests
from ffapp.providers.zoom.wire import TOPIC_LENGTH, Meeting, MeetingDetails

BETWEEN = " · "
TITLE_LENGTH = 150  # what the form of a class takes
# What of the meeting is compared → what the class calls it.
FIELDS = {"topic": "title", "starts_at": "starts_at", "minutes": "duration_minutes"}
MINUTES = range(1, 24 * 60 + 1)
# An answer that Zoom gives so soon after an update of ours may be from before it.
JUST_UPDATED = timedelta(minutes=1)


def topic_of(session: ClassSession) -> str:
    """`Pricing · Winter 2026`, as Zoom gets it: on one line, cut to Zoom's length."""
    topic = f"{session.title}{BETWEEN}{session.cohort.name}"
    return " ".join(topic.split())[:TOPIC_LENGTH].rstrip()


def title_in(topic: str, session: ClassSession, old_topic: str = "") -> str:
    """The title that a topic gives the class; the one it has when the topic says nothing of it.

    Only the cohort's name at the end, behind our own dot, is not part of the title; it is also
    known as it stood in `old_topic`, when the cohort had another name. Everything else that a host
    writes is taken as it is: what looks like another cohort is a title, and a topic without any
    cohort is one too. Of nothing (an empty topic, the cohort alone) no title is made.
    """
    topic = " ".join(topic.split())
    if topic == topic_of(session):
        return session.title
    ends = [BETWEEN + " ".join(session.cohort.name.split())]
    was = " ".join(old_topic.split())
    if was.startswith(session.title + BETWEEN):
        ends.append(was.removeprefix(session.title))
    for end in ends:
        if f"{BETWEEN}{topic}".endswith(end):
            topic = f"{BETWEEN}{topic}".removesuffix(end).removeprefix(BETWEEN)
            break
    return topic.strip(BETWEEN)[:TITLE_LENGTH].rstrip() or session.title


def seen_after(found: Meeting, sent: MeetingDetails) -> dict[str, Any]:
    """What Zoom has (`zoom_seen`) after an update of ours: what was sent.

    The topic is as Zoom wrote it, in its own spelling.
    """
    return _parts(found.topic, sent.start_at, sent.minutes)


def take_changes(session: ClassSession, found: Meeting) -> None:
    """Let the class follow what was changed inside Zoom. The caller holds the class."""
    now = _parts(found.topic, found.start_time, found.duration)
    before = session.zoom_seen
    news = [part for part in now if before is None or before[part] != now[part]]
    if not news:
        session.zoom_changed_by = None
        return
    update = meeting_requests.effect_of(session, "zoom.update")
    if update is not None and (again_at := _read_again_at(update)):
        session.zoom_read_due_at = again_at
        return
    is_pending = update is not None and update.state in (State.PLANNED, State.FAILED)
    if is_pending and before is None:
        return  # what differs may be what we have not sent yet
    edited = _edited_here(session, before) if is_pending and before else []
    session.zoom_seen = now
    old_topic = before["topic"] if before else ""
    _follow(session, _differences(session, found, news, old_topic), edited)
    session.zoom_changed_by = None


def _parts(topic: str, starts_at: datetime | None, minutes: int) -> dict[str, Any]:
    """Zoom counts in whole seconds."""
    start = starts_at.replace(microsecond=0).isoformat() if starts_at else None
    return {"topic": topic, "starts_at": start, "minutes": minutes}


def _read_again_at(update: Effect) -> datetime | None:
    """When to read the meeting again, because of an update of ours; None when it need not wait."""
    if update.state in (State.SENDING, State.UNCERTAIN) and update.closed_at is None:
        return clock.now()  # its outcome has the meeting read, and each minute tries
    settled = update.settled_at if update.state == State.SENT else None
    if settled is None or settled + JUST_UPDATED <= clock.now():
        return None
    return settled + JUST_UPDATED


def _edited_here(session: ClassSession, before: Mapping[str, Any]) -> list[str]:
    """The parts that were changed here since Zoom was last updated."""
    ours = _parts(topic_of(session), session.starts_at, session.duration_minutes)
    return [part for part in ours if ours[part] != before[part]]


def _differences(
    session: ClassSession, found: Meeting, news: list[str], old_topic: str
) -> dict[str, Any]:
    """Of the news, what the class says otherwise and can take: part → the value at Zoom."""
    changes: dict[str, Any] = {}
    if "topic" in news and (title := title_in(found.topic, session, old_topic)) != session.title:
        changes["topic"] = title
    start = found.start_time
    if "starts_at" in news and start and start != session.starts_at.replace(microsecond=0):
        changes["starts_at"] = start
    minutes = found.duration
    if "minutes" in news and minutes in MINUTES and minutes != session.duration_minutes:
        changes["minutes"] = minutes
    return changes


def _follow(session: ClassSession, changes: dict[str, Any], edited: list[str]) -> None:
    now, operator = clock.now(), session.zoom_changed_by or ""
    over = phase_of(session, now) is Phase.ENDED and session.started_at is not None
    reasons: dict[str, Callable[[str], bool]] = {
        "held": lambda part: over and part != "topic",
        "newer": lambda part: part in edited,
        "past": lambda part: part == "starts_at" and changes[part] <= now,
    }
    for why, applies in reasons.items():
        ignored = {FIELDS[part]: changes.pop(part) for part in [*changes] if applies(part)}
        if ignored:
            wanted = {name: _plain(value) for name, value in ignored.items()}
            facts = {"title": session.title, "wanted": wanted, "why": why, "operator": operator}
            record("zoom_change_ignored", by="Zoom", on=session, **facts)
    follow_zoom(session, {FIELDS[part]: value for part, value in changes.items()}, operator)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
