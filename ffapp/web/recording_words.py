"""Words about recordings that several pages use: what a file is, and why nothing can be watched."""

from datetime import datetime

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.recordings.models import Recording


def why_not(session: ClassSession, now: datetime) -> str | None:
    """Why none of its recordings can be watched; None while one is still on its way."""
    if session.is_cancelled:
        return cancelled(session)
    match session.recording_state:
        case RecordingState.TRASHED:
            return gettext(
                "The recording was moved to Zoom’s trash. It can be watched once it is back."
            )
        case RecordingState.NONE:
            return _why_none(session)
        case RecordingState.AVAILABLE:
            return gettext("The recording is not open to watch.")
    return None


def cancelled(session: ClassSession) -> str:
    """`Cancelled: Meera is ill`."""
    because = session.cancelled_because
    return gettext("Cancelled: %(because)s", because=because) if because else gettext("Cancelled")


def _why_none(session: ClassSession) -> str:
    if session.zoom_meeting_id is None:
        return gettext("No meeting was made at Zoom, so nothing was recorded.")
    if session.started_at is None:
        return gettext("Nobody started the meeting, so nothing was recorded.")
    if session.recordings:
        return gettext("The recording was deleted.")
    return gettext("Zoom has no recording of this class.")


KINDS = {
    "shared_screen_with_speaker_view": _("Video, screen and speaker"),
    "shared_screen_with_speaker_view(CC)": _("Video, screen and speaker, with captions"),
    "shared_screen_with_gallery_view": _("Video, screen and everybody"),
    "shared_screen": _("Video, screen only"),
    "active_speaker": _("Video, speaker"),
    "speaker_view": _("Video, speaker"),
    "gallery_view": _("Video, everybody"),
    "audio_only": "Sound only",
    "audio_transcript": "Transcript",
    "closed_caption": "Captions",
    "chat_file": "Chat",
    "timeline": "Timeline",
    "poll": "Polls",
    "summary": "Summary",
    "thumbnail": "Preview picture",
}
FILES = {
    "MP4": _("Video"),
    "M4A": "Sound only",
    "TRANSCRIPT": "Transcript",
    "CHAT": "Chat",
    "CC": "Captions",
    "TIMELINE": "Timeline",
    "SUMMARY": "Summary",
}


def kind_of(recording: Recording) -> str:
    """`Video, screen and speaker`; a word of Zoom's that we do not know is shown as it is."""
    said = recording.recording_type or ""
    known = KINDS.get(said) or FILES.get(recording.file_type or "")
    return str(known or "") or said.replace("_", " ").capitalize() or recording.file_type or "File"
