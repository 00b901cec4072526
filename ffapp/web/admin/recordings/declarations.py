"""What recordings add to what all domains share."""

from ffapp.web.admin.recordings.alerts import ALERTS
from ffapp.web.admin.recordings.sentences import SENTENCES
from ffapp.web.kit.domains import Domain
from ffapp.web.navigation import Entry

DOMAIN = Domain(
    navigation=Entry("Recordings", "admin.recording_index", "film"),
    sentences=SENTENCES,
    alerts=ALERTS,
)
