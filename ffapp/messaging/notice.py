"""What a notice declares: what it is about, whom it tells and how, and the one text that it says.

Each notice is a file of `ffapp/notices/`. From its text follow the plain and the HTML mail; beside
it stand the line in the bell and the words that WhatsApp has approved.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from ffapp.core import clock
from ffapp.core.events import Event
from ffapp.core.i18n import LazyText
from ffapp.ledger.models import Effect
from ffapp.messaging.attachments import Files
from ffapp.messaging.markup import Variable
from ffapp.messaging.rendering import Values
from ffapp.people.models import Person

# Effect id → a sentence why it must not go (any more). Set-based: one call for a whole batch.
Preconditions = Callable[[Sequence[Effect]], Mapping[int, str]]
# Effect id → the words of that person.
PersonalWords = Callable[[Sequence[Effect]], Mapping[int, Mapping[str, str]]]

# A text of the code, which is translated when it is read, or one that an admin has written.
Text = str | LazyText

COMMON = {
    "first_name": Variable("the recipient’s first name", "Asha", personal=True),
    "public_url": Variable("the address of the programme", "https://…", address=True),
}


@dataclass(frozen=True)
class Wording:
    """A subject and a text in light Markdown, as they are before they are filled in."""

    subject: str
    text: str


@dataclass(frozen=True)
class Topic:
    """What a notice is about, and where the values of its variables come from.

    variables  what its text may use, beside `COMMON`
    values     the values that are the same for all effects of one cause and subject
    personal   the words that differ from person to person
    example    an effect that somebody could get, to preview the text with; None where there is none
    """

    variables: Mapping[str, Variable] = field(default_factory=dict)
    values: Callable[[Effect], Values] = lambda effect: {}
    personal: PersonalWords = lambda effects: {}
    example: Callable[[str, Person], Effect | None] = lambda rule, person: None


@dataclass(frozen=True)
class Occasion:
    """One thing that has happened, to tell people of.

    subject       what the messages are about, as the ledger names it (`class=12`)
    occurrence    the same occurrence is told once
    payload       the ids that the texts need
    useful_until  after which nobody needs to know
    path          the page that the bell's line leads to, for students and for admins
    rings         whether the bell has something to lead to already
    channels      on which of the notice's channels messages go

    With a `guardian_id` in the payload it goes to that guardian of the (one) person.
    """

    people: Sequence[int]
    subject: str
    occurrence: str
    payload: Mapping[str, Any]
    useful_until: datetime
    path: str = "/schedule"
    admin_path: str = "/admin/classes"
    rings: bool = True
    channels: Sequence[str] = ("email", "whatsapp")


@dataclass(frozen=True)
class Notice:
    """One notice. `name` is its rule in the ledger; `title` is what admins read.

    topic          what it is about
    occasion       whom an event concerns, what about and until when; None when it is not told of
    channels       of `email`, `whatsapp`, `bell`
    preconditions  why a message must not go any more, asked just before it goes
    kind           the preference that people choose by (`notifications/choices.py`)
    why            the HTML mail's last line: why somebody gets it
    bell           the line in the bell, and what may stand below it: the first without an empty
                   variable is taken
    whatsapp       the words that WhatsApp has approved, after the greeting; English for everybody
    is_account     the mail is about the person's account
    asks_consent   it asks for consent, or serves to give it: it needs none itself
    is_signed      the plain text ends with the name of the programme
    stands_in      the notice that an effect of this one is composed by, where that is another
    """

    name: str
    title: str
    topic: Topic
    subject: Text = ""
    text: Text = ""
    why: Text = ""
    bell: Sequence[Text] = ()
    whatsapp: str = ""
    kind: str | None = None
    channels: Sequence[str] = ("email", "whatsapp", "bell")
    occasion: Callable[[Event], Occasion | None] = lambda event: None
    preconditions: Preconditions = lambda effects: {}
    attachments: Files = lambda effect: ()
    is_account: bool = False
    asks_consent: bool = False
    is_signed: bool = True
    stands_in: Callable[[Effect], "Notice"] | None = None

    @property
    def variables(self) -> dict[str, Variable]:
        """What its text may use."""
        return {**COMMON, **self.topic.variables}

    @property
    def standard(self) -> Wording:
        """The text, in the current language, that is sent where no admin has written another."""
        return Wording(str(self.subject), str(self.text).strip())

    @cached_property
    def secrets(self) -> list[str]:
        """The variables that are shown to nobody but the recipient."""
        return [name for name, variable in self.variables.items() if variable.secret]

    @property
    def is_editable(self) -> bool:
        return bool(str(self.text))


TEST_RULE = "test_message"


def is_sample(effect: Effect) -> bool:
    """Whether nothing has happened that it tells of: it is a preview, or a test to an admin."""
    return effect.id == 0 or effect.rule == TEST_RULE


def sample_effect(
    rule: str, person: Person, payload: Mapping[str, Any], cause: int | None = None
) -> Effect:
    """An effect that a person could get, to preview a text with; it is never written."""
    return Effect(
        id=0,
        rule=rule,
        kind="email",
        person_id=person.id,
        payload=dict(payload),
        cause_event_id=cause,
        due_at=clock.now(),
    )
