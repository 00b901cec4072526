"""How the ledger registers people for a meeting and ends that: one call for up to thirty."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.core.outcomes import Accepted, Outcome, Refused, Unavailable
from ffapp.ledger.handlers import Absent, EffectHandler, Prepared
from ffapp.ledger.models import Effect, State
from ffapp.meetings import meeting_lifecycle, meeting_refresh, meeting_requests
from ffapp.meetings.meeting_status import DELETED_INSIDE
from ffapp.meetings.models import PersonalLink
from ffapp.meetings.registration import END_KIND, KIND, address_of, registrant_of, update_links
from ffapp.people.consent import Purpose, agreed_to
from ffapp.people.models import Person
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.errors import NOT_TAKEN, means
from ffapp.providers.zoom.wire_people import REGISTRANTS_AT_A_TIME, KnownRegistrant, Registrant

WAITS_AT_ZOOM = (
    "Zoom has registered them and gives no link before the host has approved it there. Approve it,"
    " or let the meeting approve automatically; then try again."
)
UNTIL_IT_IS_BACK = "The meeting was deleted inside Zoom; who is registered shows when it is back."


def handlers() -> tuple[EffectHandler, ...]:
    """One handler for each of the two kinds."""
    return (
        _handler(KIND, _prepare, _register, _record, _ask),
        _handler(END_KIND, _prepare_end, _unregister, _note_refusals, _ask_end),
    )


def _handler(kind: str, prepare: Any, call: Any, record: Any, ask: Any) -> EffectHandler:
    return EffectHandler(
        kind=kind,
        provider="Zoom",
        prepare=prepare,
        call=call,
        record=record,
        ask=ask,
        batch_size=REGISTRANTS_AT_A_TIME,
        same_call=lambda prepared: prepared.content["meeting_id"],
        one_cause=False,  # each who is enrolled in bulk has a cause of their own
        names_others=True,
        visibility_lag=timedelta(seconds=5),
    )


def _prepare(effects: Sequence[Effect]) -> Mapping[int, dict[str, Any] | str]:
    ids = {effect.payload["person_id"] for effect in effects}
    people = {
        person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(ids)))
    }
    agreed = agreed_to(Purpose.ZOOM, sorted(ids))
    return {
        effect.id: {
            "meeting_id": effect.payload["meeting_id"],
            "registrant": registrant_of(effect.id, person, person.id in agreed),
        }
        for effect in effects
        if (person := people.get(effect.payload["person_id"])) is not None
    }


def _register(prepared: Sequence[Prepared]) -> dict[int, Outcome]:
    """One outcome for each that Zoom's answer names."""
    registrants = [each.content["registrant"] for each in prepared]
    made = ZoomClient.current().register(prepared[0].content["meeting_id"], registrants)
    found = {each.email.lower(): each for each in made}
    outcomes: dict[int, Outcome] = {}
    for each in prepared:
        asked = each.content["registrant"]
        registrant = found.get(asked.email.lower())
        if registrant is not None:
            has_link = bool(registrant.join_url)
            outcomes[each.effect_id] = (
                _accepted(registrant, asked.shown_as) if has_link else Refused(WAITS_AT_ZOOM)
            )
    return outcomes


def _unregister(prepared: Sequence[Prepared]) -> dict[int, Outcome]:
    registrants = [each.content["registrant"] for each in prepared]
    ZoomClient.current().unregister(prepared[0].content["meeting_id"], registrants)
    return {each.effect_id: Accepted(each.content["registrant"].id) for each in prepared}


def _record(rows: Sequence[tuple[Effect, Prepared | None, Outcome]]) -> None:
    _note_refusals(rows)
    made = [(effect, outcome) for effect, _, outcome in rows if isinstance(outcome, Accepted)]
    sessions = meeting_requests.sessions_of([effect for effect, _ in made])
    _keep(made)
    together: dict[tuple[ClassSession, int | None], list[Effect]] = defaultdict(list)
    for effect, _ in made:
        together[sessions[effect.id], effect.cause_event_id].append(effect)
    # They may have left, or a guardian may have spoken, while Zoom was asked.
    for (session, event_id), mine in together.items():
        cause = db.session.get(Event, event_id) if event_id else None
        update_links(session, [each.payload["person_id"] for each in mine], cause)


def _keep(made: Sequence[tuple[Effect, Accepted]]) -> None:
    links = [
        {
            "session_id": effect.payload["class_id"],
            "person_id": effect.payload["person_id"],
            "meeting_id": effect.payload["meeting_id"],
            "registrant_id": outcome.reference,
            "address": outcome.facts["address"],
            "join_url": outcome.facts["join_url"],
            "shown_as": outcome.facts["shown_as"],
            "made_at": clock.now(),
        }
        for effect, outcome in made
    ]
    if links:
        db.session.execute(
            insert(PersonalLink)
            .values(links)
            .on_conflict_do_nothing(index_elements=["meeting_id", "registrant_id"])
        )


def _prepare_end(effects: Sequence[Effect]) -> Mapping[int, dict[str, Any] | str]:
    return {
        effect.id: {
            "meeting_id": effect.payload["meeting_id"],
            "registrant": KnownRegistrant(
                id=effect.payload["registrant_id"], email=effect.payload["address"]
            ),
        }
        for effect in effects
    }


def _note_refusals(rows: Sequence[tuple[Effect, Prepared | None, Outcome]]) -> None:
    """Cancel what was meant for a meeting that is gone: planning revives no failure.

    Where the meeting may ask nobody to register any more, have it read: that cancels them too.
    """
    refused = {effect: outcome for effect, _, outcome in rows if isinstance(outcome, Refused)}
    missing = [effect for effect, outcome in refused.items() if meeting_refresh.is_missing(outcome)]
    unasked = [effect for effect, outcome in refused.items() if _is_unasked(outcome)]
    sessions = meeting_requests.sessions_of([*missing, *unasked])
    for effect in missing:
        if effect.payload["meeting_id"] == sessions[effect.id].zoom_meeting_id:
            meeting_lifecycle.mark_deleted(sessions[effect.id])
        effect.state, effect.reason = State.CANCELLED, DELETED_INSIDE
    for session in {sessions[effect.id] for effect in unasked}:
        meeting_refresh.request_refresh(session)  # it was changed inside Zoom


def _is_unasked(refusal: Refused) -> bool:
    """Whether it may be that the meeting asks nobody to register: no field is at fault."""
    return means(refusal, NOT_TAKEN) and not refusal.divisible


def _ask(effect: Effect) -> Outcome | Absent:
    address = address_of(effect.id)

    def look() -> Outcome | Absent:
        found = ZoomClient.current().find_registrant(effect.payload["meeting_id"], address)
        return _accepted(found, found.shown_as or None) if found else Absent()

    return _look(effect, look)


def _ask_end(effect: Effect) -> Outcome | Absent:
    registrant_id = effect.payload["registrant_id"]

    def look() -> Outcome | Absent:
        listed = ZoomClient.current().registrants(effect.payload["meeting_id"])
        still = any(registrant_id in (each.registrant_id, each.id) for each in listed)
        return Absent() if still else Accepted(registrant_id)

    return _look(effect, look)


def _look(effect: Effect, look: Callable[[], Outcome | Absent]) -> Outcome | Absent:
    """Ask who is registered, unless that cannot be known before the meeting is back.

    A question that Zoom refuses leaves open what became of the act; only a meeting that is no more
    says that nobody is registered.
    """
    try:
        return look()
    except Refused as refusal:
        if not meeting_refresh.is_missing(refusal):
            raise
        if transaction(_may_come_back, effect):
            raise Unavailable(UNTIL_IT_IS_BACK) from refusal
        return refusal


def _may_come_back(effect: Effect) -> bool:
    """Write that the meeting is gone; whether it could come back, and with it who is registered."""
    session = meeting_requests.sessions_of([effect])[effect.id]
    is_current = effect.payload["meeting_id"] == session.zoom_meeting_id
    if is_current:
        meeting_lifecycle.mark_deleted(session)
    return is_current and not session.is_cancelled and session.ends_at > clock.now()


def _accepted(made: Registrant, shown_as: str | None) -> Accepted:
    facts = {"address": made.email.lower(), "join_url": made.join_url, "shown_as": shown_as}
    return Accepted(made.registrant_id or made.id, facts)
