"""Finding text as people type it: without accents, and in large or small letters."""

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column

ACCENTS = "[\u0300-\u036f]"


def fold(text: str) -> str:
    """The text in small letters and without accents; `folded` does the same in SQL."""
    return re.sub(ACCENTS, "", unicodedata.normalize("NFKD", text.lower()))


def folded(column: Any) -> ColumnElement[str]:
    decomposed = func.normalize(func.lower(column), literal_column("NFKD"))
    return func.regexp_replace(decomposed, ACCENTS, "", "g")


def mentions(column: Any, words: str) -> ColumnElement[bool]:
    """Whether the column contains the words."""
    return folded(column).contains(fold(words), autoescape=True)
