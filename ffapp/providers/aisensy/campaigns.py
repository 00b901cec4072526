"""Our campaigns at AiSensy: the text that each notice has there, and the order of its parameters.

One API campaign carries one template that WhatsApp has approved (category UTILITY), and takes its
parameters by position. Each notice declares its text (`ffapp/notices/`); who composes a message and
who plays AiSensy read the order from here. `docs/providers/aisensy.md` tells the admin what to set
up.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ffapp.core.environment import SettingError
from ffapp.providers.aisensy.settings import AiSensySettings

GREETING = "Hello {{1}}, "
PLACE = re.compile(r"\{\{(\d+)\}\}")
NAME = re.compile(r"\{\{ (\w+) \}\}")


@dataclass(frozen=True)
class Template:
    """A text with `{{1}}`, `{{2}}` …, and the names of what fills them, in that order.

    The names are those of a notice's variables, such as `title` or `first_name`.
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


def template_of(text: str) -> Template:
    """The template of a text with `{{ title }}` and so on, which follows the greeting."""
    names = ["first_name"]

    def place(found: re.Match[str]) -> str:
        names.append(found[1])
        return f"{{{{{len(names)}}}}}"

    return Template(GREETING + NAME.sub(place, text), tuple(names))


def register(texts: Mapping[str, str]) -> None:
    """Notice → its text: these go by WhatsApp."""
    TEMPLATES.update({notice: template_of(text) for notice, text in texts.items()})


# Notice → what its campaign carries, for all that go by WhatsApp (`register`).
TEMPLATES: dict[str, Template] = {}

# What AISENSY_CAMPAIGN_NAME carries: any notice, as one sentence after the greeting.
DEFAULT = Template(
    GREETING + "there is news about your place at Future Founders: {{2}} This message was sent "
    "because you take part.",
    ("first_name", "news"),
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
        return [values["first_name"], told.fill([values[name] for name in told.params])]


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
