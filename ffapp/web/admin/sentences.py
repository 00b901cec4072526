"""What happened, in words: every event of `subscriptions.py` has one sentence here.

Each line of the table continues the name of who did it: “Asha Rao” + “moved “Week 3” to …”.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ffapp.core import clock
from ffapp.core.events import Event, edits_since
from ffapp.web.admin import changed_facts
from ffapp.web.admin.labels import Say, Words, inside_zoom
from ffapp.web.admin.labels import title_of as _title
from ffapp.web.admin.subjects import url_of_event
from ffapp.web.admin.template_sentences import TEMPLATES
from ffapp.web.admin.zoom_sentences import CHANGED_AT_ZOOM
from ffapp.web.kit.undo import name_of
from ffapp.web.rendering import own_zone

PURPOSES = {
    "classes": "messages on classes and recordings",
    "whatsapp": "messages on WhatsApp",
}
CHOICES = {
    "class_changes": "news of classes",
    "class_reminders": "reminders before a class",
    "recordings": "word of recordings",
}
ON_CHANNEL = {"email": "by e-mail", "whatsapp": "on WhatsApp", "bell": "in the bell"}
LINKS = {"invitation": "with the invitation", "reset": "with a reset link"}


def sentence(event: Event, zone: str | None = None) -> str:
    """`Asha Rao moved “Week 3” from … to …`, without a full stop; times in `zone`."""
    whole = f"{event.actor} {_words(event, zone).what}"
    return whole[:1].upper() + whole[1:]


def edits_in_words(row: Any, revision: int, zone: str | None = None) -> list[tuple[str, datetime]]:
    """What others saved in a row since it had that revision, newest first: (sentence, when)."""
    return [(sentence(each, zone), each.at) for each in edits_since(row, revision)]


def timeline(events: Iterable[Event], zone: str | None = None) -> list[dict[str, Any]]:
    """The events as `ui.timeline` reads them, in the order given."""
    items = []
    for event in events:
        words = _words(event, zone)
        who = event.actor[:1].upper() + event.actor[1:]
        items.append(
            {
                "who": who,
                "what": words.what,
                "why": words.why,
                "tone": words.tone,
                "when": event.at,
                "url": url_of_event(event),
            }
        )
    return items


def _words(event: Event, zone: str | None) -> Words:
    say = SENTENCES.get(event.name)
    if say is None:  # an event of an older or newer version of the app
        return Words(event.name.replace("_", " "))
    return say(event.facts, zone or own_zone())


def _person_added(facts: dict[str, Any], zone: str) -> Words:
    role = "an admin" if facts.get("role") == "admin" else "a student"
    return Words(f"added {facts.get('name')} as {role}")


def _changed(facts: dict[str, Any], zone: str) -> Words:
    return Words(f"changed {changed_facts.spell(facts.get('changed') or {}, zone)}")


def _imported(facts: dict[str, Any], zone: str) -> Words:
    rejected = facts.get("rejected")
    what = f"imported {facts.get('applied')} rows of {facts.get('file')}"
    return Words(f"{what}; {rejected} were rejected" if rejected else what, tone="info")


def _consent(facts: dict[str, Any], zone: str) -> Words:
    said = "agreed to" if facts.get("granted") else "refused"
    about = PURPOSES.get(facts.get("purpose", ""), facts.get("purpose"))
    tone = "good" if facts.get("granted") else "warn"
    return Words(f"wrote down that {facts.get('guardian')} {said} {about}", tone=tone)


def _choice(facts: dict[str, Any], zone: str) -> Words:
    about = CHOICES.get(facts.get("kind", ""), facts.get("kind"))
    wants = "chose to get" if facts.get("wanted") else "chose not to get"
    return Words(f"{wants} {about} {ON_CHANNEL.get(facts.get('channel', ''), '')}".rstrip())


def _quiet(facts: dict[str, Any], zone: str) -> Words:
    hours = facts.get("hours")
    if not hours:
        return Words("chose to have no quiet hours")
    return Words(f"chose quiet hours from {hours[0]} to {hours[1]}")


def _enrolled(facts: dict[str, Any], zone: str) -> Words:
    again = " again" if facts.get("again") else ""
    return Words(f"enrolled {facts.get('person')} in {facts.get('cohort')}{again}", tone="good")


def _scheduled(facts: dict[str, Any], zone: str) -> Words:
    at = _instant(facts.get("starts_at"), zone)
    minutes = facts.get("duration_minutes")
    place = facts.get("place")
    why = f"Class {place[0]} of {place[1]} that were made in one go" if place else None
    return Words(f"scheduled {_title(facts)} for {at}, {minutes} min", why=why, tone="info")


def _series_scheduled(facts: dict[str, Any], zone: str) -> Words:
    count = len(facts.get("class_ids") or ()) or "several"
    first, last = (_instant(facts.get(name), zone) for name in ("first", "last"))
    return Words(f"scheduled {count} weekly classes from {first} to {last}", tone="info")


def _several_cancelled(facts: dict[str, Any], zone: str) -> Words:
    count = len(facts.get("class_ids") or ()) or "several"
    return Words(f"cancelled {count} classes together", why=facts.get("because"), tone="warn")


def _undone(facts: dict[str, Any], zone: str) -> Words:
    what = name_of(facts.get("kind", ""))
    gone = facts.get("gone")
    return Words(f"undid {what}", why=f"{gone} had gone before" if gone else None, tone="warn")


def _moved(facts: dict[str, Any], zone: str) -> Words:
    changed = dict(facts.get("changed") or {})
    was, now = changed.pop("starts_at", (None, None))
    rest = changed_facts.spell(changed, zone)
    if now is None:
        return Words(f"changed {_title(facts)}: {rest}", why=inside_zoom(facts), tone="info")
    what = f"moved {_title(facts)} from {_instant(was, zone)} to {_instant(now, zone)}"
    return Words(what, why=inside_zoom(facts, f"Also {rest}" if rest else None), tone="info")


def _renamed(facts: dict[str, Any], zone: str) -> Words:
    changed = dict(facts.get("changed") or {})
    was, now = changed.pop("title", (None, facts.get("title")))
    rest = changed_facts.spell(changed, zone)
    why = inside_zoom(facts, f"Also {rest}" if rest else None)
    return Words(f"renamed “{was}” to “{now}”", why=why)


def _class_cancelled(facts: dict[str, Any], zone: str) -> Words:
    at = f" of {_instant(facts['starts_at'], zone)}" if facts.get("starts_at") else ""
    return Words(f"cancelled {_title(facts)}{at}", why=facts.get("because"), tone="warn")


def _reported(what: str) -> Say:
    def say(facts: dict[str, Any], zone: str) -> Words:
        return Words(f"reported that {_title(facts)} {what} at {_time(facts.get('at'), zone)}")

    return say


def _meeting(verb: str) -> Say:
    def say(facts: dict[str, Any], zone: str) -> Words:
        return Words(f"{verb} the meeting {facts.get('meeting_id') or ''}".rstrip())

    return say


def _overridden(facts: dict[str, Any], zone: str) -> Words:
    what = f"wrote down that {facts.get('person')} was {_there(facts)}"
    return Words(what, why=facts.get("reason"), tone="info")


def _override_revoked(facts: dict[str, Any], zone: str) -> Words:
    return Words(f"took back that {facts.get('person')} was {_there(facts)}")


def _there(facts: dict[str, Any]) -> str:
    if not facts.get("present"):
        return "absent"
    minutes = facts.get("minutes")
    return "present" if minutes is None else f"present for {minutes} min"


def _participants(verb: str, rest: str, tone: str | None = None) -> Say:
    def say(facts: dict[str, Any], zone: str) -> Words:
        names = ", ".join(f"“{each}”" for each in facts.get("names") or []) or "somebody"
        return Words(f"{verb} {names} {rest.format(facts.get('person'))}", tone=tone)

    return say


def _retried(facts: dict[str, Any], zone: str) -> Words:
    return Words(f"asked for another try; it was {facts.get('was')}", why=facts.get("reason"))


def _instant(text: str | None, zone: str) -> str:
    return clock.spell(datetime.fromisoformat(text), zone) if text else "an unknown time"


def _time(text: str | None, zone: str) -> str:
    return clock.spell_time(datetime.fromisoformat(text), zone) if text else "an unknown time"


def _counted(facts: dict[str, Any], one: str, many: str) -> str:
    count = facts.get("count") or "several"
    return f"{count} {one if count == 1 else many}"


def _just(what: str, tone: str | None = None) -> Say:
    return lambda facts, zone: Words(what, tone=tone)


SENTENCES: dict[str, Say] = {
    "person_added": _person_added,
    "person_changed": _changed,
    "guardian_added": lambda facts, zone: Words(f"added {facts.get('guardian')} as a guardian"),
    "person_invited": _just("sent an invitation", "info"),
    "password_reset_requested": _just("asked for a link to choose a new password"),
    "password_set": lambda facts, zone: Words(
        f"chose a password {LINKS.get(facts.get('link', ''), '')}".rstrip(), tone="good"
    ),
    "signed_in": _just("signed in"),
    "signed_out_everywhere": _just("ended every session of this person", "warn"),
    "consent_recorded": _consent,
    "notification_choice_changed": _choice,
    "quiet_hours_changed": _quiet,
    "calendar_link_made": lambda facts, zone: Words(
        f"made {'a new' if facts.get('again') else 'a'} private calendar link"
    ),
    "calendar_link_ended": _just("switched the private calendar link off"),
    "cohort_created": lambda facts, zone: Words(f"made the cohort {facts.get('name')}"),
    "cohort_changed": _changed,
    "settings_changed": _changed,
    "student_enrolled": _enrolled,
    "withdrawal_undone": lambda facts, zone: Words(
        f"undid the withdrawal of {facts.get('person')} from {facts.get('cohort')}", tone="good"
    ),
    "student_withdrawn": lambda facts, zone: Words(
        f"withdrew {facts.get('person')} from {facts.get('cohort')}", tone="warn"
    ),
    "students_imported": _imported,
    "enrolment_undone": lambda facts, zone: Words(
        f"took the new seat of {facts.get('person')} in {facts.get('cohort')} back", tone="warn"
    ),
    "class_scheduled": _scheduled,
    "classes_scheduled": _series_scheduled,
    "class_moved": _moved,
    "class_renamed": _renamed,
    "class_edited": lambda facts, zone: Words(
        f"edited {_title(facts)}: {changed_facts.spell(facts.get('changed') or {}, zone)}"
    ),
    "class_cancelled": _class_cancelled,
    "classes_cancelled": _several_cancelled,
    "class_change_undone": lambda facts, zone: Words(
        f"made {_title(facts)} what it was before", tone="warn"
    ),
    "class_restored": lambda facts, zone: Words(
        f"brought {_title(facts)} back; it is held as it was", tone="good"
    ),
    "class_started": _reported("began"),
    "class_ended": _reported("ended"),
    "meeting_created": _meeting("made"),
    "meeting_changed": _meeting("changed"),
    "meeting_deleted": _meeting("deleted"),
    "recording_available": lambda facts, zone: Words(
        f"found the recording of {_title(facts)}", tone="good"
    ),
    "recording_published": _just("opened a recording to the students"),
    "recording_unpublished": _just("hid a recording from the students", "warn"),
    "batch_undone": _undone,
    "announcement_written": lambda facts, zone: Words(
        f"wrote to {_counted(facts, 'person', 'people')}", tone="info"
    ),
    "retries_expedited": lambda facts, zone: Words(
        f"had {_counted(facts, 'waiting act', 'waiting acts')} tried at once"
        f" ({facts.get('channel')})"
    ),
    "attendance_overridden": _overridden,
    "attendance_override_revoked": _override_revoked,
    "participant_assigned": _participants("said that", "in the meeting is {}", "info"),
    "participant_marked_guest": _participants("set aside", "in the meeting as a guest"),
    "participant_released": _participants("took back who", "in the meeting is"),
    "effect_retried": _retried,
    "effect_asked_about": _just("had the provider asked"),
    "effect_cancelled": _just("cancelled it before it went", "warn"),
    "effect_confirmed": _just("found out that it arrived", "good"),
    "webhook_replayed": _just("had it handled once more"),
    **CHANGED_AT_ZOOM,
    **TEMPLATES,
}
