"""Names are the field's own terms: no word of the old dialect comes back.

`python -m tests.app.test_names RULE` lists the lines where a rule is broken.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Applied migrations are history, and this file quotes what it forbids.
SKIPPED = re.compile(
    r"^(?:migrations/|requirements|tests/app/test_names\.py)|\.(?:png|svg|ico|woff2|po|mo|min\.js)$"
)


def words(*spellings: str) -> re.Pattern[str]:
    """These words by themselves, in prose and in code, small or with a capital."""
    return re.compile(rf"(?<![\w-])(?:{'|'.join(spellings)})(?![\w-])", re.IGNORECASE)


def names(*spellings: str) -> re.Pattern[str]:
    """These spellings exactly, as a whole identifier or as a part of one between underscores."""
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(spellings)})(?![A-Za-z])")


def modules(*stems: str) -> re.Pattern[str]:
    """Modules and templates of these names: as a path, or in an import."""
    any_of = "|".join(stems)
    return re.compile(
        rf"/(?:test_)?(?:{any_of})\.(?:py|html)$|import (?:{any_of})\b|\.(?:{any_of}) import "
    )


RULES = {
    "house": re.compile(  # but for the icon of that name
        r"(?<![\w\"'-])houses?(?![\w\"'-])|\b\w+_house\b|\bhouse_\w+", re.IGNORECASE
    ),
    "room": re.compile(
        r"(?<!waiting )(?<!waiting-)(?<!Zoom )(?<![\w-])[Rr]ooms\b"
        r"|\b(?:[Tt]he|[Aa]|[Ee]ach|[Ii]ts own) room (?:of|that|which|does|may|never)\b"
    ),
    "door": words(r"doors?", r"doorbells?"),
    "floor": re.compile(r"\b[Tt]he floors\b|\bground floor\b|^Ground\b"),
    "weather": words(r"weather", r"storms?"),
    "tray": words(r"trays?"),
    "fate": words(r"fates?"),
    "stay": re.compile(r"\bclass Stay\b|\bStay\(|\b(?:a|the|each|her|his) stays?\b|\bstays? of\b"),
    "desk": re.compile(r"/desk/|_desk\b|\bdesk\("),
    "seat": re.compile(r"\b(?:a|no|any|her|his|their|the) seat\b|\bseat_of\b"),
    "stamps": re.compile(r"\bstamps\b"),
    "standing": re.compile(r"\bstanding\(|\.standing\b"),
    "existence": re.compile(r"\.existence\b|\bexistence\("),
    "need": re.compile(r"\bclass Need\b|\bNEEDS\b|\ball_needs\b|ui\.needs?\(|block needs\b"),
    "still_true": names("still_true", "no_longer_true"),
    "performer": names(r"[Pp]erformers?"),
    "ring": names(r"ring_for_\w+", "perform_lane_ring", r"import ring"),
    "settle": re.compile(r"(?<![A-Za-z])settle(?![A-Za-z:])|tell_settled"),  # htmx: settle:0s
    "wish": names(r"wish(?:es|ed)?", "WISH"),
    "hear": re.compile(r"\bdef _?hears?\w*\(|\b_?hear\("),
    "tell": re.compile(r"\bdef _?tells?(?:_\w+)?\(|\b_?tell\("),
    "take_back": re.compile(r"take_back|taken_back|\b[Tt]ak(?:e|es|ing) (?:\w+ ){0,3}back\b"),
    "meanwhile": names("ChangedMeanwhile", "changed_meanwhile", r"meanwhile\.\w+"),
    "identifiers": names(
        "each_other", "but_for", "own_words", "class_words", "in_log", "AfterTheStorm", "PASSING",
        r"Timetables?", "Wanted", "Came", "Whose", "Silence", "Reader", "assemble", "set_aside",
        "CHIPS", "DOORS", "doubts",
    ),
    "reactions": words(r"reactions?"),
    "prose": words(r"is young", r"of which nothing is known", r"of whom nobody", r"whoever"),
    "parked": words(r"parked"),
    "events": names(
        "another_meeting_wished", "meeting_read", "meeting_not_read", "zoom_change_not_taken",
        "waiting_tried", "participant_set_aside", "recording_shown", "recording_hidden",
    ),
    "buttons": re.compile(r"Free them|It arrived|>\s*Seen\s*<|\"Seen\""),
    "modules": modules(
        "doors?", "house", "rooms?", "reactions", "assemble", "still_true", "needs?", "ring",
        "settle", "decide", "performers?", "in_log", "fates?", "stays?", "presence", "tray",
        "assigning", "correcting", "coming", "doubts", "standing", "existence", "meeting_reading",
        "stamps", "meanwhile", "live", "find", "visible", "once", "chips", "weather", "desk",
        "class_words", "all_needs",
    ),
}  # fmt: skip


def files() -> list[str]:
    """Every text of the checkout that is kept in git or will be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return sorted(path for path in listed if not SKIPPED.search(path) and (ROOT / path).is_file())


def lines() -> Iterator[tuple[str, str]]:
    """Each path, and each line of its text, with where it stands."""
    for path in files():
        yield path, f"/{path}"
        for number, line in enumerate((ROOT / path).read_text(errors="replace").splitlines(), 1):
            yield f"{path}:{number}", line


@pytest.fixture(scope="module")
def broken() -> dict[str, list[str]]:
    """Rule → the lines that break it."""
    found: dict[str, list[str]] = {rule: [] for rule in RULES}
    for where, line in lines():
        for rule, pattern in RULES.items():
            if pattern.search(line):
                found[rule].append(f"{where}: {line.strip()[:100]}")
    return found


@pytest.mark.parametrize("rule", RULES)
def test_no_word_of_the_old_dialect_is_used(broken, rule):
    assert not broken[rule], "\n".join(broken[rule][:30])


if __name__ == "__main__":
    for where, line in lines():
        if RULES[sys.argv[1]].search(line):
            sys.stdout.write(f"{where}: {line.strip()}\n")
