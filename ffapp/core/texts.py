"""Text as the database, a mail and a page can hold it."""

import re

# NUL and other controls, but for tab and line breaks; and halves of characters.
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without what can be neither stored nor sent."""
    return _UNUSABLE.sub("", text)
