"""Texts of e-mails that an admin writes: what may stand in them, and what they become.

A text has variables (`{{ title }}`, `{{ me.first_name }}`) and `{% if … %}`, nothing else: it is
checked before it is saved, and rendered in a sandbox. The HTML of the mail is made from the text:
a blank line begins a paragraph, an address becomes a link.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

LONGEST = 10_000  # characters of a text
# What a text may be made of: words, variables with filters, and questions about variables.
ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const),
    *(nodes.If, nodes.Filter, nodes.Or, nodes.And, nodes.Not, nodes.Compare, nodes.Operand),
)
FILTERS = {"upper", "lower", "title", "capitalize", "trim", "default", "d"}
ADDRESS = re.compile(r"https?://[^\s<]+[^\s<.,;:!?)]|-link_html-")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a text; `field` is subject or body."""

    field: str
    message: str


def problems(
    subject: str, body: str, known: Collection[str], needed: Collection[str] = ()
) -> list[Problem]:
    """What must be put right before this can be sent; empty when nothing is wrong.

    `known` are the names of the variables (`title`, `me.first_name`); those that are `needed` must
    stand in the body.
    """
    found = [
        Problem(field, message)
        for field, text in (("subject", subject), ("body", body))
        for message in _wrong_with(text, known)
    ]
    missing = sorted(set(needed) - _used(body))
    if missing and not found:
        found.append(
            Problem("body", f"Without {{{{ {missing[0]} }}}} nobody can follow the link. Add it.")
        )
    return found


def render(text: str, facts: Mapping[str, Any], *, html: bool) -> str:
    """The text with its variables filled in; with `html`, both are escaped."""
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=html,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: "" if value is None else value,  # a variable that may be empty
    )
    parsed = environment.parse(text)
    if html:
        for words in parsed.find_all(nodes.TemplateData):
            words.data = str(escape(words.data))
    return environment.from_string(parsed).render(facts)


def paragraphs(html: str) -> Markup:
    """Escaped text as paragraphs with links."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", html.strip()) if block.strip()]
    linked = [ADDRESS.sub(lambda found: _link(found.group()), block) for block in blocks]
    lines = [block.replace("\n", "<br>\n") for block in linked]
    return Markup("\n".join(f'<p style="margin:0 0 12px">{block}</p>' for block in lines))


def _link(address: str) -> str:
    return f'<a href="{address}" style="color:#0b5a60">{address}</a>'


def _wrong_with(text: str, known: Collection[str]) -> Iterator[str]:
    if not text.strip():
        yield "Write something here."
        return
    if len(text) > LONGEST:
        yield f"This is longer than {LONGEST:,} characters."
        return
    try:
        parsed = SandboxedEnvironment().parse(text)
    except TemplateSyntaxError as error:
        yield f"Line {error.lineno} cannot be read: {_plainly(error.message or '')}"
        return
    yield from list(_not_allowed(parsed)) or _unknown(known, parsed)


def _not_allowed(parsed: nodes.Template) -> Iterator[str]:
    for node in parsed.find_all(nodes.Node):
        if not isinstance(node, ALLOWED):
            yield (
                f"Line {node.lineno} uses more than a text may: variables and"
                " {% if … %} … {% endif %} are all there is."
            )
            return
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield f"Line {node.lineno}: there is no “{node.name}” to use behind a |."
            return
        if isinstance(node, nodes.Filter | nodes.Compare) and (own := _own_word(node)):
            yield (
                f"Line {node.lineno}: {{{{ {own} }}}} stands alone, without a | or a comparison:"
                " it is filled in for each person only when the message goes."
            )
            return


def _own_word(node: nodes.Node) -> str | None:
    """The first `me.…` in it. While a text is rendered it is still a tag (`compose.Tags`): changed
    by a filter, it would be recognised no more and go out as it is.
    """
    for each in node.find_all(nodes.Getattr):
        if isinstance(each.node, nodes.Name) and each.node.name == "me":
            return f"me.{each.attr}"
    return None


def _unknown(known: Collection[str], parsed: nodes.Template) -> Iterator[str]:
    for name, line in sorted(_names(parsed).items()):
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {{{{ {near[0]} }}}}?" if near else " See the list of variables."
        yield f"Line {line}: {{{{ {name} }}}} is not known in this message.{hint}"


def _names(parsed: nodes.Template) -> dict[str, int]:
    """Each variable, `me.…` in full, and the line where it stands first."""
    found: dict[str, int] = {}
    for node in parsed.find_all(nodes.Getattr):
        name = node.node.name if isinstance(node.node, nodes.Name) else "…"
        found.setdefault(f"{name}.{node.attr}", node.lineno)
    of_something = {id(node.node) for node in parsed.find_all(nodes.Getattr)}
    for node in parsed.find_all(nodes.Name):
        if id(node) not in of_something:
            found.setdefault(node.name, node.lineno)
    return found


def _used(text: str) -> set[str]:
    try:
        return set(_names(SandboxedEnvironment().parse(text)))
    except TemplateSyntaxError:
        return set()


def _plainly(message: str) -> str:
    """What Jinja says, in words for somebody who has never heard of it."""
    low = message.lower()
    if "end of template" in low or "'end of print statement', got 'end" in low:
        return "something that was opened, {{ or {% if … %}, is not closed."
    if unknown := re.match(r"Encountered unknown tag '(\w+)'", message):
        return f"{{% {unknown.group(1)} %}} is not known here, or closes what was not opened."
    if "end of print statement" in low:
        return "between {{ and }} stands one variable and nothing else."
    return f"{message.rstrip('.')}."
