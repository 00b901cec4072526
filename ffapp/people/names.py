"""Names of people: which are names, and what to call somebody."""

import re
import unicodedata

LONGEST_NAME = 120
# Controls, and signs that turn the direction of what stands around them.
MISLEADING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Letters and symbols by their class, and nothing to be seen.
BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Mn", "Zl", "Zp", "Zs"})


def parse_name(text: str) -> str:
    """A name on one line, in the form in which it is stored; raises ValueError, for people."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if MISLEADING.search(name):
        raise ValueError("There are signs in this name that cannot be seen. Type it anew.")
    if not any(each.isalpha() and each not in BLANKS for each in name):
        raise ValueError("This has no letters, so it is not a name.")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"This is longer than {LONGEST_NAME} characters.")
    return name


def is_seen(text: str) -> bool:
    """Whether anything of the text can be seen."""
    return any(each not in BLANKS and unicodedata.category(each) not in UNSEEN for each in text)


def first_name_of(name: str) -> str:
    """What to call somebody: `Rohan`, of “Rohan Sharma” and of “Sharma, Rohan”."""
    _, comma, given = name.partition(",")
    words = given.split() if comma and given.split() else name.split()
    return words[0].strip(",")
