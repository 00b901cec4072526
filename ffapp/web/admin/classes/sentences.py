"""The events of classes and of their meetings at Zoom, in words."""

from ffapp.web.admin import changed_facts
from ffapp.web.kit.timeline import (
    Facts,
    Say,
    Words,
    by_operator,
    inside_zoom,
    instant,
    just,
    time_of_day,
    title_of,
)

READ = {"link": "join link", "passcode": "passcode", "recording": "recording setting"}
NOT_TAKEN = {
    "held": "The class was held already",
    "newer": "It was edited here since",
    "past": "That time had gone by already",
}


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
    rest = changed_facts.spell(changed, zone)
    if now is None:
        return Words(f"changed {title_of(facts)}: {rest}", why=inside_zoom(facts), tone="info")
    what = f"moved {title_of(facts)} from {instant(was, zone)} to {instant(now, zone)}"
    return Words(what, why=inside_zoom(facts, f"Also {rest}" if rest else None), tone="info")


def _renamed(facts: Facts, zone: str) -> Words:
    changed = dict(facts.get("changed") or {})
    was, now = changed.pop("title", (None, facts.get("title")))
    rest = changed_facts.spell(changed, zone)
    why = inside_zoom(facts, f"Also {rest}" if rest else None)
    return Words(f"renamed “{was}” to “{now}”", why=why)


def _edited(facts: Facts, zone: str) -> Words:
    return Words(
        f"edited {title_of(facts)}: {changed_facts.spell(facts.get('changed') or {}, zone)}"
    )


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


# ── the meeting ──


def _meeting(verb: str) -> Say:
    def say(facts: Facts, zone: str) -> Words:
        return Words(f"{verb} the meeting {facts.get('meeting_id') or ''}".rstrip())

    return say


def _deleted_at_zoom(facts: Facts, zone: str) -> Words:
    what = f"reported that the meeting {facts.get('meeting_id') or ''}".rstrip()
    why = "Nobody can join before there is a new one"
    return Words(f"{what} was deleted there{by_operator(facts)}", why=why, tone="bad")


def _recovered(facts: Facts, zone: str) -> Words:
    what = f"brought back the meeting {facts.get('meeting_id') or ''}".rstrip()
    return Words(what, why=inside_zoom(facts), tone="good")


def _refreshed(facts: Facts, zone: str) -> Words:
    what = [READ.get(each, each) for each in facts.get("what") or ["link"]]
    return Words(f"gave the meeting a new {' and '.join(what)}", why="Changed inside Zoom")


def _refresh_failed(facts: Facts, zone: str) -> Words:
    what = "did not tell what the meeting is like now"
    return Words(what, why=facts.get("why"), tone="warn")


def _ignored(facts: Facts, zone: str) -> Words:
    wanted = changed_facts.spell(facts.get("wanted") or {}, zone) or "a part of the meeting"
    what = f"reported a change of {wanted}, which the class does not follow"
    return Words(what, why=inside_zoom(facts, NOT_TAKEN.get(facts.get("why", ""))), tone="warn")


SENTENCES: dict[str, Say] = {
    "class_scheduled": _scheduled,
    "classes_scheduled": _series_scheduled,
    "class_moved": _moved,
    "class_renamed": _renamed,
    "class_edited": _edited,
    "class_cancelled": _cancelled,
    "classes_cancelled": _several_cancelled,
    "class_change_undone": lambda facts, zone: Words(
        f"made {title_of(facts)} what it was before", tone="warn"
    ),
    "class_restored": lambda facts, zone: Words(
        f"brought {title_of(facts)} back; it is held as it was", tone="good"
    ),
    "class_started": _reported("began"),
    "class_ended": _reported("ended"),
    "meeting_created": _meeting("made"),
    "meeting_changed": _meeting("changed"),
    "meeting_deleted": _meeting("deleted"),
    "meeting_deleted_at_zoom": _deleted_at_zoom,
    "meeting_recreation_requested": just(
        "asked for a new meeting in place of the one that was deleted"
    ),
    "meeting_recovered": _recovered,
    "meeting_refreshed": _refreshed,
    "meeting_refresh_failed": _refresh_failed,
    "zoom_change_ignored": _ignored,
}
