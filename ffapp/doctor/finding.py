"""One line of what `ffapp doctor` says: ok, wrong or worth a note; what about; what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    OK = "ok"
    NOTE = "note"  # nothing has to be done
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """`what` is a word or two; `says` are sentences, which say what to do where it is wrong."""

    mark: Mark
    what: str
    says: str


def ok(what: str, says: str) -> Finding:
    return Finding(Mark.OK, what, says)


def note(what: str, says: str) -> Finding:
    return Finding(Mark.NOTE, what, says)


def wrong(what: str, says: str) -> Finding:
    return Finding(Mark.WRONG, what, says)
