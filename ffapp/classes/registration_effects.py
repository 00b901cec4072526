"""How the ledger performs a registration: one call for up to thirty people of a class."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ffapp import clock
from ffapp.classes import existence, meeting
from ffapp.classes.attendance_models import PersonalLink
from ffapp.classes.registration import KIND, registrant_of
from ffapp.db import db, transaction
from ffapp.ledger.models import Effect, State
from ffapp.ledger.performers import Absent, Performer, Prepared
from ffapp.outcomes import Accepted, Outcome, ProviderError, Refused, Unavailable
from ffapp.people.consent import latest_consents
from ffapp.people.models import Person
from ffapp.providers import registry
from ffapp.providers.zoom.wire_people import REGISTRANTS_AT_A_TIME, Registrant

GONE = "3001"  # Zoom's code for a meeting that does not exist
NOT_VALID = "300"  # Zoom's code for a request one of whose fields it does not take
UNTIL_IT_IS_BACK = "The meeting was deleted inside Zoom; who is registered shows when it is back."


def performer() -> Performer:
    return Performer(
        kind=KIND,
        provider="Zoom",
        prepare=_prepare,
        call=_call,
        settle=_settle,
        ask=_ask,
        batch_size=REGISTRANTS_AT_A_TIME,
        one_cause=False,  # each who is enrolled in bulk has a cause of their own
        visibility_lag=timedelta(seconds=5),
    )


def _prepare(effects: Sequence[Effect]) -> Mapping[int, dict[str, Any] | str]:
    ids = {effect.payload["person_id"] for effect in effects}
    people = {
        person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(ids)))
    }
    said = latest_consents(sorted(ids))
    return {
        effect.id: {
            "meeting_id": effect.payload["meeting_id"],
            "registrant": registrant_of(
                effect.id, person, said.get((person.id, effect.purpose), (False, ""))[0]
            ),
        }
        for effect in effects
        if (person := people.get(effect.payload["person_id"])) is not None
    }


def _call(prepared: Sequence[Prepared]) -> Mapping[int, Outcome]:
    by_meeting: dict[int, list[Prepared]] = defaultdict(list)
    for each in prepared:
        by_meeting[each.content["meeting_id"]].append(each)
    outcomes: dict[int, Outcome] = {}
    for meeting_id, mine in by_meeting.items():
        outcomes |= _register(meeting_id, mine)
    return outcomes


def _register(meeting_id: int, prepared: Sequence[Prepared]) -> dict[int, Outcome]:
    """One outcome for each that Zoom's answer names, or the same for all."""
    try:
        made = registry.zoom().register(
            meeting_id, [each.content["registrant"] for each in prepared]
        )
    except ProviderError as error:
        if isinstance(error, Refused):
            error.divisible = error.code == NOT_VALID
        return {each.effect_id: error for each in prepared}
    found = {each.email.lower(): each for each in made if each.join_url}
    return {
        each.effect_id: _accepted(found[address])
        for each in prepared
        if (address := each.content["registrant"].email.lower()) in found
    }


def _settle(rows: Sequence[tuple[Effect, Prepared | None, Outcome]]) -> None:
    _note_missing(rows)
    links = [
        {
            "session_id": effect.payload["class_id"],
            "person_id": effect.payload["person_id"],
            "meeting_id": effect.payload["meeting_id"],
            "registrant_id": outcome.reference,
            "address": outcome.facts["address"],
            "join_url": outcome.facts["join_url"],
            "made_at": clock.now(),
        }
        for effect, _, outcome in rows
        if isinstance(outcome, Accepted)
    ]
    if links:
        db.session.execute(
            insert(PersonalLink)
            .values(links)
            .on_conflict_do_nothing(index_elements=["meeting_id", "registrant_id"])
        )


def _note_missing(rows: Sequence[tuple[Effect, Prepared | None, Outcome]]) -> None:
    """Zoom knows no such meeting: what it was asked for can be wished again when one is there."""
    missing = [
        effect
        for effect, _, outcome in rows
        if isinstance(outcome, Refused) and outcome.code == GONE
    ]
    sessions = meeting.sessions_of(missing)
    for effect in missing:
        if effect.payload["meeting_id"] == sessions[effect.id].zoom_meeting_id:
            existence.is_gone(sessions[effect.id], clock.now())
        # A failure would not be revived by the wish that follows the meeting's return.
        effect.state, effect.reason = State.CANCELLED, existence.DELETED_INSIDE


def _ask(effect: Effect) -> Outcome | Absent:
    asked = transaction(lambda: _prepare([effect])[effect.id])
    if transaction(_may_come_back, effect):
        raise Unavailable(UNTIL_IT_IS_BACK)
    try:
        found = registry.zoom().find_registrant(asked["meeting_id"], asked["registrant"].email)  # type: ignore[index]
    except Refused as refusal:
        if refusal.code == GONE and transaction(_may_come_back, effect, is_missing=True):
            raise Unavailable(UNTIL_IT_IS_BACK) from refusal
        return refusal
    return _accepted(found) if found else Absent()


def _may_come_back(effect: Effect, is_missing: bool = False) -> bool:
    """Whether the meeting is gone, but could still be recovered, and with it who is registered."""
    session = meeting.sessions_of([effect])[effect.id]
    if effect.payload["meeting_id"] != session.zoom_meeting_id:
        return False
    if is_missing:
        existence.is_gone(session, clock.now())
    over = session.is_cancelled or session.ends_at <= clock.now()
    return session.zoom_gone_at is not None and not over


def _accepted(made: Registrant) -> Accepted:
    facts = {"address": made.email.lower(), "join_url": made.join_url}
    return Accepted(made.registrant_id or made.id, facts)
