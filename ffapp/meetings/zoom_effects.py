"""How the ledger performs a class's Zoom effects."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from ffapp.classes.models import ClassSession
from ffapp.core.db import transaction
from ffapp.core.events import record
from ffapp.core.outcomes import Accepted, Outcome, Refused
from ffapp.ledger.handlers import Absent, EffectHandler, Prepared
from ffapp.ledger.models import Effect, State
from ffapp.meetings import meeting_lifecycle, meeting_refresh, meeting_requests, zoom_changes
from ffapp.meetings.zoom_changes import topic_of
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.errors import means
from ffapp.providers.zoom.sentences import NO_SUCH_USER
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.wire import (
    NO_REGISTRATION,
    REGISTRATION,
    Meeting,
    MeetingDetails,
    MeetingOptions,
    effect_id_of,
    marker,
)
from ffapp.webhooks import inbox


def handlers() -> tuple[EffectHandler, ...]:
    """One handler for each of the three kinds."""
    return (
        _handler("zoom.create", _create, _record_create, _ask_create),
        _handler("zoom.update", _update, _record_update, _ask_update),
        _handler("zoom.delete", _delete, _record_delete, _ask_delete),
    )


def _handler(kind: str, call: Any, record: Any, ask: Any) -> EffectHandler:
    def call_each(prepared: Sequence[Prepared]) -> Mapping[int, Outcome]:
        return {each.effect_id: call(each) for each in prepared}

    def record_each(rows: Sequence[tuple[Effect, Prepared | None, Outcome]]) -> None:
        sessions = meeting_requests.sessions_of([effect for effect, _, _ in rows])
        for effect, prepared, outcome in rows:
            if isinstance(outcome, Accepted):
                record(sessions[effect.id], effect, prepared, outcome)
            elif kind == "zoom.update" and meeting_refresh.is_missing(outcome):
                meeting_lifecycle.mark_deleted(sessions[effect.id])

    return EffectHandler(
        kind=kind,
        provider="Zoom",
        prepare=_prepare,
        call=call_each,
        record=record_each,
        ask=ask,
        visibility_lag=timedelta(seconds=5),
    )


def _prepare(effects: Sequence[Effect]) -> Mapping[int, dict[str, Any]]:
    sessions = meeting_requests.sessions_of(effects)
    return {effect.id: _content(effect, sessions[effect.id]) for effect in effects}


def _content(effect: Effect, session: ClassSession) -> dict[str, Any]:
    own_links = ZoomSettings.current().personal_links
    details = MeetingDetails(
        marker=marker(effect.id),
        topic=topic_of(session),
        agenda=session.description,
        start_at=session.starts_at,
        timezone=session.time_zone,
        minutes=session.duration_minutes,
        options=MeetingOptions(approval_type=REGISTRATION if own_links else NO_REGISTRATION),
    )
    return {
        "host": session.zoom_host_email,
        "details": details,
        "meeting_id": effect.payload.get("meeting_id", session.zoom_meeting_id),
        "revision": session.revision,
    }


def _create(each: Prepared) -> Outcome:
    made = ZoomClient.current().create_meeting(each.content["host"], each.content["details"])
    return _accepted(made, each.content)


def _record_create(
    session: ClassSession, effect: Effect, _: Prepared | None, outcome: Accepted
) -> None:
    meeting_id = int(outcome.facts["id"])
    another = session.has_meeting and session.zoom_meeting_id != meeting_id
    if another or _is_not_waited_for(session):
        meeting_requests.request_stray_removal(session, meeting_id, effect.cause_event_id)
        return
    match_key = f"zoom:meeting={meeting_id}"
    inbox.hold(match_key)
    meeting_lifecycle.replace_meeting(session, meeting_id)
    _take(session, outcome.facts)
    session.zoom_auto_recording = outcome.facts["auto_recording"]
    # The class may have been given another host while the meeting was made.
    session.zoom_host_email = outcome.facts["host"] or session.zoom_host_email
    record("meeting_created", by="Zoom", on=session, meeting_id=meeting_id)
    inbox.release([match_key])


def _take(session: ClassSession, facts: Mapping[str, Any]) -> None:
    session.zoom_join_url, session.zoom_passcode = facts["join_url"], facts["passcode"]
    session.zoom_registration = facts["registration"]
    session.zoom_revision, session.zoom_seen = facts["revision"], facts["seen"]


def _is_not_waited_for(session: ClassSession) -> bool:
    """Whether the class was called off, and nothing that is planned deletes its meeting."""
    if not session.is_cancelled:
        return False
    delete = meeting_requests.effect_of(session, "zoom.delete")
    return delete is None or delete.state != State.PLANNED


def _ask_create(effect: Effect) -> Outcome | Absent:
    session = _read(effect)
    try:
        found = ZoomClient.current().find_meeting(session["host"], marker(effect.id))
    except Refused as refusal:
        if not means(refusal, NO_SUCH_USER):
            raise
        return refusal  # where there is no host there is no meeting either
    return _accepted(found) if found else Absent()


def _update(each: Prepared) -> Outcome:
    meeting_id = each.content["meeting_id"]
    ZoomClient.current().update_meeting(meeting_id, each.content["details"])
    # A new passcode changes the join link, so what Zoom has now is read back.
    return _accepted(ZoomClient.current().get_meeting(meeting_id), each.content)


def _record_update(
    session: ClassSession, effect: Effect, _: Prepared | None, outcome: Accepted
) -> None:
    link_changed = session.zoom_join_url != outcome.facts["join_url"]  # and the personal ones
    if link_changed or outcome.facts["seen"] is None or session.zoom_read_due_at is not None:
        meeting_refresh.request_refresh(session)
    _take(session, outcome.facts)
    record("meeting_changed", by="Zoom", on=session, meeting_id=session.zoom_meeting_id)


def _ask_update(effect: Effect) -> Outcome | Absent:
    content = _read(effect)
    try:
        found = ZoomClient.current().get_meeting(content["meeting_id"])
    except Refused as refusal:
        if meeting_refresh.is_missing(refusal):
            return refusal
        raise
    # Writing the same facts again does no harm, so one that was not (yet) seen is done again.
    if effect_id_of(found.agenda) != str(effect.id):
        return Absent()
    return _accepted(found)


def _delete(each: Prepared) -> Outcome:
    ZoomClient.current().delete_meeting(each.content["meeting_id"])
    return Accepted(str(each.content["meeting_id"]))


def _record_delete(
    session: ClassSession, effect: Effect, _: Prepared | None, outcome: Accepted
) -> None:
    if "meeting_id" in effect.payload:
        return
    session.zoom_join_url = session.zoom_passcode = None
    record("meeting_deleted", by="Zoom", on=session, meeting_id=session.zoom_meeting_id)


def _ask_delete(effect: Effect) -> Outcome | Absent:
    meeting_id = _read(effect)["meeting_id"]
    try:
        ZoomClient.current().get_meeting(meeting_id)
    except Refused as refusal:
        if meeting_refresh.is_missing(refusal):
            return Accepted(str(meeting_id))
        raise
    return Absent()


def _read(effect: Effect) -> dict[str, Any]:
    return transaction(lambda: _content(effect, meeting_requests.sessions_of([effect])[effect.id]))


def _accepted(made: Meeting, sent: Mapping[str, Any] | None = None) -> Accepted:
    """What Zoom has, after this was sent to it.

    Where Zoom was only asked, which revision it has is not known: so none is written, and the
    next change is sent in any case.
    """
    return Accepted(
        str(made.id),
        {
            "id": made.id,
            "host": made.host_email,
            "join_url": made.join_url,
            "passcode": made.password,
            "auto_recording": made.settings.auto_recording,
            "registration": made.settings.asks_for_registration,
            "revision": sent["revision"] if sent else None,
            "seen": zoom_changes.seen_after(made, sent["details"]) if sent else None,
        },
    )
