"""What recordings add to what all domains share."""

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.web.admin.classes.declarations import search_classes
from ffapp.web.admin.recordings.alerts import ALERTS
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import Facts, Say, Words, inside_zoom, just, title_of
from ffapp.web.navigation import Entry

# ── the words of events ──


def _files(verb: str, tone: str) -> Say:
    def say(facts: Facts, zone: str) -> Words:
        count = facts.get("files")
        files = "1 file" if count == 1 else f"{count} files" if count else "files"
        what = verb.format(f"{files} of the recording of {title_of(facts)}")
        return Words(what, why=inside_zoom(facts) if facts.get("operator") else None, tone=tone)

    return say


SENTENCES: dict[str, Say] = {
    "recording_available": lambda facts, zone: Words(
        f"found the recording of {title_of(facts)}", tone="good"
    ),
    "recording_published": just("opened a recording to the students"),
    "recording_unpublished": just("hid a recording from the students", "warn"),
    "recording_trashed": _files("moved {} to the trash", "warn"),
    "recording_deleted": _files("deleted {} for good", "warn"),
    "recording_recovered": _files("brought {} back from the trash", "good"),
}


# ── kinds of rows, and the domain ──


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
