"""Texts for WhatsApp as an admin writes them: variables by name, which AiSensy takes by position.

WhatsApp approves the text beforehand, with `{{1}}`, `{{2}}` … in it. Here it is written with the
names that mails use as well (`{{ me.first_name }}`, `{{ title }}`); the first becomes `{{1}}`.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping

from ffapp.providers.aisensy.campaigns import DEFAULT, PLACE, TEMPLATES, Campaign, Template

LONGEST = 1024  # characters of a template's body, variables not yet filled in
VARIABLE = re.compile(r"\{\{\s*([a-z_]+(?:\.[a-z_]+)?)\s*\}\}")
ODD = re.compile(r"\{\{|\}\}|\{%|%\}|\{#")
# What is no word to put into a line: a question for {% if %}, or several lines.
NOT_A_WORD = frozenset({"can_join", "lines"})


def variables_of(known: Mapping[str, str]) -> dict[str, str]:
    """Those variables of a notice that a text for WhatsApp may have, and what each is."""
    return {name: words for name, words in known.items() if name not in NOT_A_WORD}


def problems(text: str, known: Collection[str], needed: Collection[str]) -> list[str]:
    """What must be put right before WhatsApp could approve the text; empty when nothing is wrong.

    `known` are the names of the variables; those that are `needed` must stand in it.
    """
    if not text.strip():
        return ["Write the text that WhatsApp has approved."]
    if len(text) > LONGEST:
        return [f"This is longer than {LONGEST:,} characters, the most that WhatsApp takes."]
    return list(_wrong_with(text, known)) or list(_against_the_rules(text, needed))


def template_of(text: str) -> Template:
    """What AiSensy carries: the text with numbered places, and what fills them in order."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        names.append(found[1])
        return f"{{{{{len(names)}}}}}"

    return Template(VARIABLE.sub(place, text.strip()), tuple(names))


def text_of(campaign: Campaign) -> str:
    """The text of a campaign, as an admin would write it."""
    if campaign.template is not DEFAULT:
        return _named(campaign.template)
    return _named(DEFAULT).replace("{{ news }}", _named(TEMPLATES[campaign.notice].told))


def _named(template: Template) -> str:
    return template.fill([f"{{{{ {name} }}}}" for name in template.params])


def _wrong_with(text: str, known: Collection[str]) -> Iterator[str]:
    for number, line in enumerate(text.split("\n"), 1):
        if PLACE.search(line):
            yield (
                f"Line {number}: write the variable’s name, such as {{{{ title }}}}, instead of its"
                " number. Numbers are given by themselves."
            )
        elif ODD.search(VARIABLE.sub("", line)):
            yield f"Line {number}: between {{{{ and }}}} stands one variable and nothing else."
        for name in VARIABLE.findall(line):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f" Did you mean {{{{ {near[0]} }}}}?" if near else " See the list."
                yield f"Line {number}: {{{{ {name} }}}} is not known in this message.{hint}"


def _against_the_rules(text: str, needed: Collection[str]) -> Iterator[str]:
    whole = text.strip()
    found = list(VARIABLE.finditer(whole))
    if found and (found[0].start() == 0 or found[-1].end() == len(whole)):
        yield "WhatsApp approves no text that begins or ends with a variable. Put a word there."
    missing = sorted(set(needed) - {each[1] for each in found})
    if missing:
        yield f"Without {{{{ {missing[0]} }}}} nobody can follow the link. Add it."
