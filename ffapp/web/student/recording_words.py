"""Why a student cannot watch a class: said alike on its card and where the mails lead to."""

from datetime import datetime

from ffapp.classes import phase
from ffapp.classes.models import ClassSession, RecordingState


def why_not(session: ClassSession, now: datetime) -> str | None:
    """Why none of its recordings can be watched; None while one is still on its way."""
    if session.is_cancelled:
        return cancelled(session)
    match phase.recording_state(session, now):
        case RecordingState.NONE | RecordingState.TRASHED:
            return phase.recording_reason(session) or "There is no recording of it."
        case RecordingState.AVAILABLE:
            return "Its recording is not open to watch."
    return None


def cancelled(session: ClassSession) -> str:
    """`Cancelled: Meera is ill`."""
    because = session.cancelled_because
    return f"Cancelled: {because}" if because else "Cancelled"
