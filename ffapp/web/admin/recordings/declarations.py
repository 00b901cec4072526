"""What recordings add to what all domains share."""

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.web.admin.classes.declarations import search_classes
from ffapp.web.admin.recordings.alerts import ALERTS
from ffapp.web.admin.recordings.sentences import SENTENCES
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.subjects import Subject
from ffapp.web.navigation import Entry

DOMAIN = Domain(
    navigation=Entry("Recordings", "admin.recording_index", "film"),
    sentences=SENTENCES,
    subjects=(
        Subject(  # of a class that has one; it stands on the page of the class
            table="recordings",
            page=("admin.class_show", "class_id"),
            noun="Recordings",
            search=lambda words: search_classes(words).where(
                ClassSession.recording_state == RecordingState.AVAILABLE
            ),
        ),
    ),
    alerts=ALERTS,
)
