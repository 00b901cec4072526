"""Our campaigns at AiSensy: the text that each notice has there, and the order of its parameters.

One API campaign carries one template that WhatsApp has approved (category UTILITY), and takes its
parameters by position. Who composes a message and who plays AiSensy read the order from here.
`docs/providers/aisensy.md` tells the admin what to set up.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ffapp.core.environment import SettingError
from ffapp.providers.aisensy.settings import AiSensySettings

GREETING = "Hello {{1}}, "
PLACE = re.compile(r"\{\{(\d+)\}\}")


@dataclass(frozen=True)
class Template:
    """A text with `{{1}}`, `{{2}}` …, and the names of what fills them, in that order.

    The names are those of a notice's variables: `title`, and with `me.` what is the person's own.
    """

    text: str
    params: tuple[str, ...]

    def fill(self, values: Sequence[str]) -> str:
        """The text as its reader sees it."""
        # In one pass: a value that looks like a place stays a value.
        return PLACE.sub(lambda place: values[int(place[1]) - 1], self.text)

    @property
    def told(self) -> "Template":
        """What it says after the greeting."""
        return Template(self.text.removeprefix(GREETING), self.params)


_CLASS = ("me.first_name", "title", "cohort", "me.when", "schedule_url")

# WhatsApp approves no template that begins or ends with a parameter. UTILITY means: about what the
# person has already joined, and nothing that sells.
TEMPLATES: dict[str, Template] = {
    "class_scheduled": Template(
        GREETING + "{{2}} of {{3}} is on {{4}}. Join from {{5}} when it begins.", _CLASS
    ),
    "classes_scheduled": Template(
        GREETING + "{{2}} classes of {{3}} are in your schedule, the first on {{4}}. See {{5}} for "
        "all of them.",
        ("me.first_name", "count", "cohort", "first", "schedule_url"),
    ),
    "class_moved": Template(
        GREETING + "{{2}} of {{3}} has a new time: {{4}}. Join from {{5}} when it begins.", _CLASS
    ),
    "class_renamed": Template(
        GREETING + "your class of {{2}} on {{3}} is now called {{4}}. Its time stays the same; "
        "your schedule is at {{5}} as before.",
        ("me.first_name", "cohort", "me.when", "title", "schedule_url"),
    ),
    "class_cancelled": Template(
        GREETING + "{{2}} of {{3}} on {{4}} will not take place. Your other classes stay as they "
        "are; see {{5}} for them.",
        _CLASS,
    ),
    "classes_cancelled": Template(
        GREETING + "{{2}} classes of {{3}} will not take place, the first of them on {{4}}. See "
        "{{5}} for all of them and for those that stay.",
        ("me.first_name", "count", "cohort", "first", "schedule_url"),
    ),
    "class_reminder_24h": Template(
        GREETING + "a reminder: {{2}} of {{3}} is on {{4}}. Join from {{5}} when it begins.", _CLASS
    ),
    "class_reminder_15min": Template(
        GREETING + "{{2}} of {{3}} begins soon, on {{4}}. Join from {{5}} after signing in.",
        _CLASS,
    ),
    "recording_available": Template(
        GREETING + "the recording of {{2}} ({{3}}, {{4}}) is ready. Watch it at {{5}} after "
        "signing in.",
        ("me.first_name", "title", "cohort", "me.when", "recordings_url"),
    ),
    "invitation": Template(
        GREETING + "your place at Future Founders is ready. Choose a password at {{2}} within "
        "seven days; the link works once.",
        ("me.first_name", "me.link"),
    ),
}

# What AISENSY_CAMPAIGN_NAME carries: any notice, as one sentence after the greeting.
DEFAULT = Template(
    GREETING + "there is news about your place at Future Founders: {{2}} This message was sent "
    "because you take part.",
    ("me.first_name", "news"),
)


@dataclass(frozen=True)
class Campaign:
    """A campaign at AiSensy, as one notice uses it."""

    name: str
    notice: str
    template: Template

    def params(self, values: Mapping[str, str]) -> list[str]:
        """What fills the template, in order; KeyError names a value that is missing."""
        if self.template is not DEFAULT:
            return [values[name] for name in self.template.params]
        told = TEMPLATES[self.notice].told
        return [values["me.first_name"], told.fill([values[name] for name in told.params])]


def campaign_of(settings: AiSensySettings, notice: str) -> Campaign:
    """The campaign that carries this notice; KeyError when WhatsApp does not carry it."""
    template = TEMPLATES[notice]
    if notice in settings.campaigns:
        return Campaign(settings.campaigns[notice], notice, template)
    if settings.campaign_name:
        return Campaign(settings.campaign_name, notice, DEFAULT)
    return Campaign(notice, notice, template)


def used(settings: AiSensySettings) -> dict[str, Template]:
    """Campaign's name → its template, for all that the settings lead to.

    Raises SettingError for a notice that we do not have, and for a campaign of two templates.
    """
    unknown = settings.campaigns.keys() - TEMPLATES.keys()
    if unknown:
        raise SettingError(
            f"AISENSY_CAMPAIGNS names “{min(unknown)}”, which is no notice of ours: "
            f"there are {', '.join(TEMPLATES)}."
        )
    found: dict[str, Template] = {}
    for notice in TEMPLATES:
        campaign = campaign_of(settings, notice)
        template = found.setdefault(campaign.name, campaign.template)
        if template.params != campaign.template.params:
            raise SettingError(
                f"The AiSensy campaign “{campaign.name}” cannot carry {notice} as well: it would "
                f"need other parameters. Give {notice} another one in AISENSY_CAMPAIGNS."
            )
    return found
