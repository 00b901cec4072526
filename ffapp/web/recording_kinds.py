"""What a file of a recording is, in words."""

from ffapp.core.i18n import lazy_gettext as _
from ffapp.recordings.models import Recording

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
