"""The notice that a guardian (or an adult student) reads before they decide.

Change `VERSION` with the text: every consent names the version that was shown.
"""

from dataclasses import dataclass
from typing import Any

from ffapp.core.i18n import lazy_gettext as _
from ffapp.people.consent import Purpose

VERSION = "2026-12-01.2"


@dataclass(frozen=True)
class Section:
    """One question of the notice and its answer, a paragraph each."""

    title: Any
    text: tuple[Any, ...]


@dataclass(frozen=True)
class Ask:
    """What one purpose asks for, and what follows from a no."""

    label: Any
    about: Any
    without: Any


WHAT = _(
    "Of the student: name, e-mail address, phone number, date of birth, the classes they took part "
    "in, and what we wrote to them. Of you: your name, and how to reach you."
)
WHY = _(
    "To hold the live online classes of the programme, to tell of them, and to show recordings to "
    "those who missed one. We show no advertisements, sell nothing, and make no profile of anybody."
)
COMPANIES = _(
    "Only what you allow below goes to another company, and never the family name: SendGrid "
    "(e-mail), AiSensy and WhatsApp (messages), Zoom (classes and recordings), Bolna (calls). They "
    "work for us, some of them outside India."
)
WITHIN = _(
    "Within the programme the team and the teacher see it. In a class other students see the first "
    "name."
)
RIGHTS = _(
    "You can say no to any of it, and change your mind at any time with the same link; what was "
    "done before stays as it was. You can ask what we keep, have it corrected, and have it deleted."
)
COMPLAINT = _(
    "If you are not content with our answer, you can complain to the Data Protection Board of "
    "India."
)
AT_18 = _("At 18 the student decides alone, and your decision counts no longer.")

SECTIONS = (
    Section(_("What we keep"), (WHAT,)),
    Section(_("Why"), (WHY,)),
    Section(_("Who gets something"), (COMPANIES, WITHIN)),
    Section(_("Your rights"), (RIGHTS, COMPLAINT, AT_18)),
)

ASKS = {
    Purpose.ACCOUNT: Ask(
        _("E-mail about the account and the classes"),
        _(
            "The invitation, a link for a new password, news of classes, reminders and recordings, "
            "through SendGrid."
        ),
        _("Without it we send nothing, not even the invitation."),
    ),
    Purpose.WHATSAPP: Ask(
        _("WhatsApp"),
        _("The same news and reminders on WhatsApp, through AiSensy."),
        _("Without it they come by e-mail only."),
    ),
    Purpose.CALLS: Ask(
        _("Phone calls"),
        _("A call by a computer voice, for example before a class, through Bolna."),
        _("Without it nobody is called."),
    ),
    Purpose.ZOOM: Ask(
        _("Taking part in Zoom under the first name"),
        _("Zoom learns the first name, so that the teacher sees who is speaking."),
        _("Without it the student takes part as a number, such as “Student 7”."),
    ),
    Purpose.RECORDING: Ask(
        _("Being recorded"),
        _(
            "Classes are recorded at Zoom, with sound, picture and a written transcript, for the "
            "students of the cohort to watch."
        ),
        _("Without it the student can take part with camera and microphone off."),
    ),
}
