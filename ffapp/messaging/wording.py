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
from jinja2.filters import do_default
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

LONGEST = 10_000  # characters of a text
# What a text may be made of: words, variables with filters, and questions about variables.
ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const),
    *(nodes.If, nodes.Filter, nodes.Or, nodes.And, nodes.Not, nodes.Compare, nodes.Operand),
)
ASKING = (nodes.Filter, nodes.Compare, nodes.Or, nodes.And, nodes.Not)
FILTERS = {"upper", "lower", "title", "capitalize", "trim", "default", "d"}
DEFAULTS = {"default", "d"}  # the filters behind which something stands in brackets
MADE_OF_TAGS = {"lines"}  # what is not a word but holds the own words of each person
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
        finalize=lambda value: "" if value is None else value,
    )
    environment.filters.update(dict.fromkeys(DEFAULTS, _default))
    parsed = environment.parse(text)
    if html:
        for words in parsed.find_all(nodes.TemplateData):
            words.data = str(escape(words.data))
    return environment.from_string(parsed).render(_without_none(facts))


def _without_none(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A variable that may be empty is an empty word, for a filter would make “None” of it."""
    return {name: "" if value is None else value for name, value in facts.items()}


def _default(value: Any, instead: Any = "", _empty_too: bool = True) -> Any:
    """What stands there, else `instead`; Jinja's own would let an empty word stand."""
    return do_default(value, instead, boolean=True)


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
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        yield f"Line {line} holds a character that no mail can carry. Write the line anew."
        return
    try:
        parsed = SandboxedEnvironment().parse(text)
        wrong = list(_not_allowed(parsed)) or list(_unknown(known, parsed))
        if not wrong:
            SandboxedEnvironment().compile(text)
    except TemplateSyntaxError as error:
        yield f"Line {error.lineno} cannot be read: {_plainly(error.message or '')}"
    except (ValueError, SyntaxError, RecursionError):
        yield "This cannot be read: a number is too long, or too many things stand in each other."
    else:
        yield from wrong


def _not_allowed(parsed: nodes.Template) -> Iterator[str]:
    """The first thing in it that a text may not have."""
    for node in parsed.find_all(nodes.Node):
        if said := _why_not(node):
            yield f"Line {node.lineno}{said}"
            return


def _why_not(node: nodes.Node) -> str | None:
    if not isinstance(node, ALLOWED):
        return (
            " uses more than a text may: variables and {% if … %} … {% endif %} are all there is."
        )
    if isinstance(node, nodes.Compare) and any(each.op not in ("eq", "ne") for each in node.ops):
        return ": only == and != can compare; not everything has a larger and a smaller."
    if isinstance(node, nodes.Filter) and (said := _wrong_filter(node)):
        return said
    if own := _own_word(node):
        return (
            f": {{{{ {own} }}}} stands alone, without a |, a comparison or a question:"
            " it is filled in for each person only when the message goes."
        )
    return None


def _wrong_filter(node: nodes.Filter) -> str | None:
    if node.name not in FILTERS:
        return f": there is no “{node.name}” to use behind a |."
    most = 2 if node.name in DEFAULTS else 0
    if len(node.args) > most or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return f": “{node.name}” behind a | takes nothing more in brackets."
    if any(each.name in MADE_OF_TAGS for each in node.find_all(nodes.Name)):
        return ": {{ lines }} stands alone, without a |; it is filled in when the message goes."
    return None


def _own_word(node: nodes.Node) -> str | None:
    """The first `me.…` that is changed or asked about here.

    While a text is rendered it is still a tag (`compose.Tags`): changed by a filter, it would be
    recognised no more and go out as it is; and a tag is never empty.
    """
    if isinstance(node, nodes.If):
        node = nodes.Not(node.test)
    if not isinstance(node, ASKING):
        return None
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
    except (TemplateSyntaxError, ValueError, RecursionError):
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
