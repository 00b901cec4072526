"""Why a student cannot watch a class: said alike on its card and where the mails lead to."""

from datetime import datetime

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.core.i18n import gettext as _


def why_not(session: ClassSession, now: datetime) -> str | None:
    """Why none of its recordings can be watched; None while one is still on its way."""
    if session.is_cancelled:
        return cancelled(session)
    match session.recording_state:
        case RecordingState.TRASHED:
            return _("The recording was moved to Zoom’s trash. It can be watched once it is back.")
        case RecordingState.NONE:
            return _why_none(session)
        case RecordingState.AVAILABLE:
            return _("The recording is not open to watch.")
    return None


def cancelled(session: ClassSession) -> str:
    """`Cancelled: Meera is ill`."""
    because = session.cancelled_because
    return _("Cancelled: %(because)s", because=because) if because else _("Cancelled")


def _why_none(session: ClassSession) -> str:
    if session.zoom_meeting_id is None:
        return _("No meeting was made at Zoom, so nothing was recorded.")
    if session.started_at is None:
        return _("Nobody started the meeting, so nothing was recorded.")
    if session.recordings:
        return _("The recording was deleted.")
    return _("Zoom has no recording of this class.")
