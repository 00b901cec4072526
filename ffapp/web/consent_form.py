"""The questions of the privacy notice as a form: for a guardian, or an adult student."""

from typing import Any

import wtforms
from wtforms.fields import SelectChoice

from ffapp.core import config
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.people import privacy_notice
from ffapp.people.consent import Purpose
from ffapp.people.consent_records import evidence_of
from ffapp.people.models import Person
from ffapp.providers.sendgrid.settings import SendGridSettings
from ffapp.retention import shown_to_families
from ffapp.web.kit.forms import Form

YES, NO = "yes", "no"


class AnswerForm(Form):
    """Each purpose apart, and nothing chosen before somebody chooses."""

    account, whatsapp, calls, zoom, recording = (
        wtforms.RadioField(
            privacy_notice.ASKS[purpose].label,
            choices=[SelectChoice(YES, _("Yes")), SelectChoice(NO, _("No"))],
            validators=[wtforms.validators.Optional()],
        )
        for purpose in Purpose
    )

    @property
    def said(self) -> dict[str, bool]:
        """Purpose → answer, of those that were answered."""
        found = {purpose: self[purpose].data for purpose in Purpose}
        return {str(name): each == YES for name, each in found.items() if each in (YES, NO)}

    def has_answers(self) -> bool:
        """Whether at least one was answered; else the form says so."""
        if not self.said:
            self.refuse("account", gettext("Choose yes or no for at least one of these."))
        return bool(self.said)

    def shown(self, student: Person) -> dict[str, Any]:
        """What the pages draw: the notice, the questions, and what was answered before."""
        return {
            "form": self,
            "student": student,
            "said": evidence_of(student),
            "sections": privacy_notice.SECTIONS,
            "version": privacy_notice.VERSION,
            "contact": config.current().of(SendGridSettings).from_email,
            "kept": shown_to_families(),
            "asks": [(ask, self[purpose]) for purpose, ask in privacy_notice.ASKS.items()],
        }
