"""What a sync of recordings is doing, and what it did, in words."""

from dataclasses import dataclass
from datetime import timedelta

from ffapp.core import clock
from ffapp.recordings.models import SyncRun

# A worker takes a job within a second or two; after this the page says that none seems to run.
PATIENCE = timedelta(seconds=15)
LOST = timedelta(minutes=15)


@dataclass(frozen=True)
class Told:
    """`state` is waiting, running, done, troubled or lost; `text` one or two sentences."""

    state: str
    text: str

    @property
    def is_over(self) -> bool:
        return self.state not in ("waiting", "running")


def words_of(run: SyncRun) -> Told:
    now = clock.now()
    if run.finished_at is not None:
        return Told("troubled" if run.problems else "done", _did(run))
    if now - run.asked_at > LOST:
        return Told("lost", f"It did not end. Until it broke off it {_counts(run)}.")
    if run.started_at is None:
        late = now - run.asked_at > PATIENCE
        text = "No worker has taken it yet; is one running?" if late else "A worker takes it next."
        return Told("waiting", text)
    return Told("running", f"So far it {_counts(run)}.")


def _did(run: SyncRun) -> str:
    if not run.calls and not run.problems:
        return "There was nothing to ask: no class is waiting for its recording."
    text = f"It {_counts(run)}."
    if not run.files_new and not run.problems:
        text = f"It {_asked(run)}; nothing was new."
    count = len(run.problems)
    return text + (f" {_number(count, 'problem')}." if count else "")


def _counts(run: SyncRun) -> str:
    found = f"found {_number(run.files_new, 'new file')}"
    ready = f"{_number(run.became_available, 'recording')} became available"
    return f"{_asked(run)} and {found}; {ready}"


def _asked(run: SyncRun) -> str:
    about = _number(run.classes, "class", "classes")
    return f"asked Zoom about {about} in {_number(run.calls, 'call')}"


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count or 'no'} {one if count == 1 else many or one + 's'}"
