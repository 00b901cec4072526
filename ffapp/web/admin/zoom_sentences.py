"""What was changed inside Zoom, in words. Each continues “Zoom” (or “The sync”)."""

from typing import Any

from ffapp.web.admin import changed_facts
from ffapp.web.admin.labels import Say, Words, by_operator, inside_zoom, title_of

READ = {"link": "join link", "passcode": "passcode", "recording": "recording setting"}
NOT_TAKEN = {
    "held": "The class was held already",
    "newer": "It was edited here since",
    "past": "That time had gone by already",
}


def _gone(facts: dict[str, Any], zone: str) -> Words:
    what = f"reported that the meeting {facts.get('meeting_id') or ''}".rstrip()
    why = "Nobody can join before there is a new one"
    return Words(f"{what} was deleted there{by_operator(facts)}", why=why, tone="bad")


def _recreation_requested(facts: dict[str, Any], zone: str) -> Words:
    return Words("asked for a new meeting in place of the one that was deleted")


def _back(facts: dict[str, Any], zone: str) -> Words:
    what = f"brought back the meeting {facts.get('meeting_id') or ''}".rstrip()
    return Words(what, why=inside_zoom(facts), tone="good")


def _refreshed(facts: dict[str, Any], zone: str) -> Words:
    what = [READ.get(each, each) for each in facts.get("what") or ["link"]]
    return Words(f"gave the meeting a new {' and '.join(what)}", why="Changed inside Zoom")


def _refresh_failed(facts: dict[str, Any], zone: str) -> Words:
    what = "did not tell what the meeting is like now"
    return Words(what, why=facts.get("why"), tone="warn")


def _ignored(facts: dict[str, Any], zone: str) -> Words:
    wanted = changed_facts.spell(facts.get("wanted") or {}, zone) or "a part of the meeting"
    what = f"reported a change of {wanted}, which the class does not follow"
    return Words(what, why=inside_zoom(facts, NOT_TAKEN.get(facts.get("why", ""))), tone="warn")


def _files(verb: str, tone: str) -> Say:
    def say(facts: dict[str, Any], zone: str) -> Words:
        count = facts.get("files")
        files = "1 file" if count == 1 else f"{count} files" if count else "files"
        what = verb.format(f"{files} of the recording of {title_of(facts)}")
        return Words(what, why=inside_zoom(facts) if facts.get("operator") else None, tone=tone)

    return say


CHANGED_AT_ZOOM: dict[str, Say] = {
    "meeting_deleted_at_zoom": _gone,
    "meeting_recreation_requested": _recreation_requested,
    "meeting_recovered": _back,
    "meeting_refreshed": _refreshed,
    "meeting_refresh_failed": _refresh_failed,
    "zoom_change_ignored": _ignored,
    "recording_trashed": _files("moved {} to the trash", "warn"),
    "recording_deleted": _files("deleted {} for good", "warn"),
    "recording_recovered": _files("brought {} back from the trash", "good"),
}
