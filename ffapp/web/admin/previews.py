"""As whom a text is previewed, on each page of a text."""

from ffapp.messaging.preview import student_to_preview
from ffapp.people.models import Person
from ffapp.web.admin.find import form_ids
from ffapp.web.listing import number


def previewed_student() -> Person | None:
    """Who was chosen beside the text that was typed, or in the address; else the first."""
    chosen = form_ids("student")
    return student_to_preview(chosen[0] if chosen else number("student"))
