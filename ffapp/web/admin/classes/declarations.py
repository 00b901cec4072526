"""What classes add to what all domains share."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, select

from ffapp.classes.models import ClassSession
from ffapp.programme.models import Cohort
from ffapp.web.admin.classes.alerts import ALERTS
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.search import begins_first, contains, some_of, spell_instant
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import (
    Facts,
    Label,
    Say,
    Words,
    by_operator,
    inside_zoom,
    instant,
    plain,
    quoted,
    say,
    spell_changed,
    time_of_day,
    title_of,
)
from ffapp.web.navigation import Entry

READ = {"link": "join link", "passcode": "passcode", "recording": "recording setting"}
NOT_TAKEN = {
    "held": "The class was held already",
    "newer": "It was edited here since",
    "past": "That time had gone by already",
}


def search_classes(words: str) -> Select[Any]:
    """Classes by title, the newest first."""
    when = spell_instant(ClassSession.starts_at, ClassSession.time_zone)
    detail = func.concat(Cohort.name, " · ", when)
    return (
        select(ClassSession.id, ClassSession.title.label("title"), detail.label("detail"))
        .join(Cohort, Cohort.id == ClassSession.cohort_id)
        .where(some_of(ClassSession, contains(words, ClassSession.title)))
        .order_by(
            begins_first(words, ClassSession.title),
            ClassSession.starts_at.desc(),
            ClassSession.id,
        )
    )


def _scheduled(facts: Facts, zone: str) -> Words:
    at = instant(facts.get("starts_at"), zone)
    minutes = facts.get("duration_minutes")
    place = facts.get("place")
    why = f"Class {place[0]} of {place[1]} that were made in one go" if place else None
    return Words(f"scheduled {title_of(facts)} for {at}, {minutes} min", why=why, tone="info")


def _series_scheduled(facts: Facts, zone: str) -> Words:
    count = len(facts.get("class_ids") or ()) or "several"
    first, last = (instant(facts.get(name), zone) for name in ("first", "last"))
    return Words(f"scheduled {count} weekly classes from {first} to {last}", tone="info")


def _moved(facts: Facts, zone: str) -> Words:
    changed = dict(facts.get("changed") or {})
    was, now = changed.pop("starts_at", (None, None))
    rest = spell_changed(changed, zone)
    if now is None:
        return Words(f"changed {title_of(facts)}: {rest}", why=inside_zoom(facts), tone="info")
    what = f"moved {title_of(facts)} from {instant(was, zone)} to {instant(now, zone)}"
    return Words(what, why=inside_zoom(facts, f"Also {rest}" if rest else None), tone="info")


def _renamed(facts: Facts, zone: str) -> Words:
    changed = dict(facts.get("changed") or {})
    was, now = changed.pop("title", (None, facts.get("title")))
    rest = spell_changed(changed, zone)
    why = inside_zoom(facts, f"Also {rest}" if rest else None)
    return Words(f"renamed “{was}” to “{now}”", why=why)


def _edited(facts: Facts, zone: str) -> Words:
    return Words(f"edited {title_of(facts)}: {spell_changed(facts.get('changed') or {}, zone)}")


def _cancelled(facts: Facts, zone: str) -> Words:
    at = f" of {instant(facts['starts_at'], zone)}" if facts.get("starts_at") else ""
    return Words(f"cancelled {title_of(facts)}{at}", why=facts.get("because"), tone="warn")


def _several_cancelled(facts: Facts, zone: str) -> Words:
    count = len(facts.get("class_ids") or ()) or "several"
    return Words(f"cancelled {count} classes together", why=facts.get("because"), tone="warn")


def _reported(what: str) -> Say:
    def say(facts: Facts, zone: str) -> Words:
        at = time_of_day(facts.get("at"), zone)
        return Words(f"reported that {title_of(facts)} {what} at {at}")

    return say


def _deleted_at_zoom(facts: Facts, zone: str) -> Words:
    what = f"reported that the meeting {facts.get('meeting_id') or ''}".rstrip()
    why = "Nobody can join before there is a new one"
    return Words(f"{what} was deleted there{by_operator(facts)}", why=why, tone="bad")


def _recovered(facts: Facts, zone: str) -> Words:
    meeting = say("brought back the meeting {meeting_id}")(facts, zone)
    return replace(meeting, why=inside_zoom(facts), tone="good")


def _refreshed(facts: Facts, zone: str) -> Words:
    what = [READ.get(each, each) for each in facts.get("what") or ["link"]]
    return Words(f"gave the meeting a new {' and '.join(what)}", why="Changed inside Zoom")


def _ignored(facts: Facts, zone: str) -> Words:
    wanted = spell_changed(facts.get("wanted") or {}, zone) or "a part of the meeting"
    what = f"reported a change of {wanted}, which the class does not follow"
    return Words(what, why=inside_zoom(facts, NOT_TAKEN.get(facts.get("why", ""))), tone="warn")


APART = {
    "rehearsal": "It was over before the class was to begin",
    "outside": "It was outside the time of the class",
    "reopened": "It was opened again after the class had ended",
}


def _kept_apart(facts: Facts, zone: str) -> Words:
    what = f"kept the meeting of {instant(facts.get('at'), zone)} apart from {title_of(facts)}"
    return Words(what, why=APART.get(facts.get("why", "")), tone="warn")


def _judged(facts: Facts, zone: str) -> Words:
    said = "was" if facts.get("was_class") else "was not"
    return Words(f"said that the meeting of {instant(facts.get('at'), zone)} {said} the class")


SENTENCES: dict[str, Say] = {
    "class_scheduled": _scheduled,
    "classes_scheduled": _series_scheduled,
    "class_moved": _moved,
    "class_renamed": _renamed,
    "class_edited": _edited,
    "class_cancelled": _cancelled,
    "classes_cancelled": _several_cancelled,
    "class_change_undone": say("made {class} what it was before", "warn"),
    "class_restored": say("brought {class} back; it is held as it was", "good"),
    "class_started": _reported("began"),
    "class_ended": _reported("ended"),
    "meeting_kept_apart": _kept_apart,
    "meeting_judged": _judged,
    "meeting_created": say("made the meeting {meeting_id}"),
    "meeting_changed": say("changed the meeting {meeting_id}"),
    "meeting_deleted": say("deleted the meeting {meeting_id}"),
    "meeting_deleted_at_zoom": _deleted_at_zoom,
    "meeting_recreation_requested": say(
        "asked for a new meeting in place of the one that was deleted"
    ),
    "meeting_recovered": _recovered,
    "meeting_refreshed": _refreshed,
    "meeting_refresh_failed": say("did not tell what the meeting is like now", "warn", "{why}"),
    "zoom_change_ignored": _ignored,
}
LABELS: dict[str, Label] = {
    "title": ("the title", quoted),
    "description": ("the description", quoted),
    "starts_at": ("the start", instant),
    "duration_minutes": ("the length", lambda value, zone: f"{value} min"),
    "host": ("the host", plain),
}


DOMAIN = Domain(
    navigation=Entry("Classes", "admin.class_index", "video"),
    sentences=SENTENCES,
    labels=LABELS,
    subjects=(
        Subject(
            table="sessions",
            kind="class",
            page=("admin.class_show", "class_id"),
            label=ClassSession.title,
            quoted=True,
            noun="Classes",
            search=search_classes,
        ),
    ),
    alerts=ALERTS,
)
