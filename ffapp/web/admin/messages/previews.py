"""As whom a text is previewed, on each page of a text."""

from ffapp.messaging.preview import student_to_preview
from ffapp.people.models import Person
from ffapp.web.kit.listing import query_int
from ffapp.web.kit.queries import form_ids


def previewed_student() -> Person | None:
    """Who was chosen beside the text that was typed, or in the address; else the first."""
    chosen = form_ids("student")
    return student_to_preview(chosen[0] if chosen else query_int("student"))
