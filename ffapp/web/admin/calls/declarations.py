"""What calls add to what all domains share."""

from typing import Any

import flask
from sqlalchemy import Select, func, select

from ffapp.calls.models import CallLog
from ffapp.calls.request import RUN
from ffapp.people.models import Person
from ffapp.web.admin.calls.alerts import ALERTS
from ffapp.web.admin.calls.words import spell_seconds
from ffapp.web.admin.people.declarations import is_called
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.runs import RunView, show_as
from ffapp.web.kit.search import spell_instant
from ffapp.web.kit.status_badges import BADGES
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import Facts, Say, Words, say
from ffapp.web.navigation import Entry
from ffapp.web.rendering import own_zone


def _ended(facts: Facts, zone: str) -> Words:
    label, tone = BADGES["call"].get(str(facts.get("status")), (facts.get("status"), None))
    how = "Voicemail" if facts.get("is_voicemail") else str(label)
    talk = spell_seconds(facts.get("seconds"))
    length = f", {talk} minutes" if talk else ""
    what = f"called {facts.get('person')}: {how[:1].lower()}{how[1:]}{length}"
    return Words(what, facts.get("problem"), tone)


def _strays(facts: Facts, zone: str) -> Words:
    count, stopped = facts.get("count", 0), facts.get("stopped", 0)
    several = "a second call" if count == 1 else f"{count} more calls"
    return Words(
        f"found {several} to {facts.get('person')} at Bolna; {stopped} stopped", None, "warn"
    )


SENTENCES: dict[str, Say] = {
    "call_requested": say("asked for a call to {person} (“{script}”)", "info"),
    "call_tried_again": say("planned another try to call {person}"),
    "call_stopped": say("called the call to {person} off", "warn"),
    "call_ended": _ended,
    "call_given_up": say("gave up calling {person} after {tries} tries", "warn"),
    "call_recording_played": say("listened to the call to {person}"),
    "stray_calls_found": _strays,
}


def _search(words: str) -> Select[Any]:
    detail = func.concat(CallLog.script, " · ", spell_instant(CallLog.created_at, own_zone()))
    return (
        select(CallLog.id, Person.name.label("title"), detail.label("detail"))
        .join(Person, Person.id == CallLog.person_id)
        .where(is_called(words))
        .order_by(CallLog.id.desc())
    )


DOMAIN = Domain(
    navigation=Entry("Calls", "admin.call_index", "phone"),
    sentences=SENTENCES,
    subjects=(
        Subject(
            table="call_logs",
            kind="call",
            page=("admin.call_show", "call_id"),
            label=CallLog.script,
            quoted=True,
            noun="Calls",
            search=_search,
        ),
    ),
    alerts=ALERTS,
)

show_as(
    RUN,
    RunView(
        heading="Calls to many",
        label="Planning the calls",
        crumb=("Calls", lambda run: flask.url_for("admin.call_index")),
        summary=lambda run: f"planned {run.done - run.failed} of {run.total} calls",
        nothing="There was nobody to call.",
    ),
)
