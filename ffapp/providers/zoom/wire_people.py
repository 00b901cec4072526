"""What Zoom and we say to each other about people: who is registered, who was in a meeting.

A registrant of ours has an e-mail address at our own domain that carries our effect id, so that
Zoom learns no child's address and we can find by it what became of an act.
"""

import re

from pydantic import Field

from ffapp.providers.zoom.wire import Instant, Received, Sent, Text

REGISTRANTS_AT_A_TIME = 30  # what one call registers
NAME_LENGTH = 64
IN_THE_WAITING_ROOM = "in_waiting_room"

_ADDRESS = re.compile(r"join-(\d{1,19})@")


def registrant_address(effect_id: int, domain: str) -> str:
    """The address that stands for a person at Zoom; nobody reads its mail, and none is sent."""
    return f"join-{effect_id}@{domain}"


def effect_id_of_address(address: str) -> str | None:
    """The effect id in an address from `registrant_address()`, or None."""
    found = _ADDRESS.match(address)
    return found.group(1) if found else None


class NewRegistrant(Sent):
    """One to register. Zoom shows the names in the meeting."""

    email: str = Field(max_length=128)
    first_name: str = Field(min_length=1, max_length=NAME_LENGTH)
    last_name: str | None = Field(default=None, max_length=NAME_LENGTH)

    @property
    def shown_as(self) -> str:
        return f"{self.first_name} {self.last_name or ''}".strip()


class KnownRegistrant(Sent):
    """One who is registered, as Zoom wants them named."""

    id: str
    email: str


class Registrant(Received):
    """One who is registered; `join_url` lets its holder in under their name.

    The names stand in lists only.
    """

    registrant_id: Text = ""
    id: Text = ""  # what lists call the registrant's id
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    join_url: str = Field(default="", repr=False)

    @property
    def shown_as(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Registrants(Received):
    """The answer to a batch, or a page of the list."""

    next_page_token: str = ""
    registrants: list[Registrant] = []


class PastParticipant(Received):
    """One stay in a meeting that has ended; `user_id` is that of the webhooks.

    Guests have no `id` and no `user_email`.
    """

    id: Text = ""
    name: Text = ""
    user_id: Text = ""
    registrant_id: Text = ""
    user_email: Text = ""
    join_time: Instant = None
    leave_time: Instant = None
    status: str = ""

    @property
    def was_in_meeting(self) -> bool:
        """False of a row about the time before the host let them in."""
        return self.status != IN_THE_WAITING_ROOM


class PastParticipantPage(Received):
    next_page_token: str = ""
    participants: list[PastParticipant] = []
