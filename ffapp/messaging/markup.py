r"""Light Markdown with `{{variables}}`: one text becomes a plain and an HTML message.

A blank line begins a paragraph; a line break stays one. Beside words, a text may have:

    # Heading                             the mail's heading; the plain text leaves it out
    **bold**
    [See it]({{ schedule_url }})          alone on a line: the button; in plain text, its address
    [the page](https://example.org)       inside a line: a link
    {{ classes }}                         alone on a line: a list
    \*                                    a sign as it is

Values are filled in after the text was parsed (`rendering.py`): nothing in a value can become
markup.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

LONGEST = 10_000  # characters of a text
VARIABLE = r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}"
ADDRESS = r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]'*]"
LABEL = r"\[((?:\\.|[^\]\\])+)\]"
INLINE = re.compile(
    r"\\([\\*\[\]#{}])"
    r"|\*\*(?=\S)((?:\\.|[^*\\]|\*(?!\*))+?)(?<!\s)\*\*"
    rf"|{LABEL}\(({VARIABLE}|https?://[^\s()<>\"]+)\)"
    rf"|{VARIABLE}"
    rf"|({ADDRESS})"
)
LINK_LIKE = re.compile(rf"(?<!\\){LABEL}\(([^)]*)\)")


@dataclass(frozen=True)
class Variable:
    """What a text may use: what it is, an example, and where it may stand.

    A `personal` one differs from person to person and never empties a line; a `secret` one is shown
    to nobody but the recipient. An `address` can be the target of a link; `rows` are a list.
    """

    about: str
    example: str = ""
    personal: bool = False
    secret: bool = False
    address: bool = False
    rows: bool = False


@dataclass(frozen=True)
class Words:
    text: str


@dataclass(frozen=True)
class Value:
    name: str


@dataclass(frozen=True)
class Bold:
    parts: Sequence["Part"]


@dataclass(frozen=True)
class Link:
    label: Sequence["Part"]
    target: "Words | Value"


Part = Words | Value | Bold | Link


@dataclass(frozen=True)
class Line:
    """`kind` is `blank`, `heading`, `button`, `rows` or `text`."""

    kind: str
    parts: Sequence[Part] = ()


def parse(source: str, variables: Mapping[str, Variable]) -> list[Line]:
    """The lines of a text that has no `problems`."""
    return [_line(line, variables) for line in source.replace("\r\n", "\n").strip().split("\n")]


def names_in(parts: Sequence[Part]) -> Iterator[str]:
    """The variables, as often as each is used."""
    for part in parts:
        match part:
            case Value(name):
                yield name
            case Bold(inner):
                yield from names_in(inner)
            case Link(label, target):
                yield from names_in([*label, target])


def problems(
    source: str, variables: Mapping[str, Variable], needed: Sequence[str] = ()
) -> list[str]:
    """What must be put right before a text can be sent, each with its line; `needed` must occur."""
    if not source.strip():
        return ["Write something here."]
    if len(source) > LONGEST:
        return [f"This is longer than {LONGEST:,} characters."]
    found = [
        f"Line {number}: {problem}"
        for number, line in enumerate(source.replace("\r\n", "\n").split("\n"), 1)
        for problem in _wrong_with(line, variables)
    ]
    used = {name for line in parse(source, variables) for name in names_in(line.parts)}
    missing = [name for name in needed if name not in used]
    if missing and not found:
        return [f"Without {{{{ {missing[0]} }}}} nobody can follow the link. Add it."]
    return found


def _line(source: str, variables: Mapping[str, Variable]) -> Line:
    if not source.strip():
        return Line("blank")
    if source.startswith("# "):
        return Line("heading", parse_line(source[2:].strip()))
    parts = parse_line(source)
    match parts:
        case [Link(label, _)] if label:
            return Line("button", parts)
        case [Value(name)] if name in variables and variables[name].rows:
            return Line("rows", parts)
    addresses = {name for name, variable in variables.items() if variable.address}
    return Line("text", [_linked(part, addresses) for part in parts])


def _linked(part: Part, addresses: set[str]) -> Part:
    """A variable that is an address becomes a link to it."""
    return Link((), part) if isinstance(part, Value) and part.name in addresses else part


def parse_line(source: str) -> list[Part]:
    """The pieces of one line of words."""
    parts: list[Part] = []
    end = 0
    for found in INLINE.finditer(source):
        if found.start() > end:
            parts.append(Words(source[end : found.start()]))
        parts.append(_part(found))
        end = found.end()
    return [*parts, Words(source[end:])] if source[end:] else parts


def _part(found: re.Match[str]) -> Part:
    sign, bold, label, target, variable, name, address = found.groups()
    if sign:
        return Words(sign)
    if bold:
        return Bold(parse_line(bold))
    if label:
        return Link(parse_line(label), Value(variable) if variable else Words(target))
    return Value(name) if name else Link((), Words(address))


def _wrong_with(line: str, variables: Mapping[str, Variable]) -> Iterator[str]:
    if "\0" in line:
        yield "it holds a character that no mail can carry. Write the line anew."
        return
    parsed = _line(line, variables)
    for name in dict.fromkeys(names_in(parsed.parts)):
        if name not in variables:
            near = difflib.get_close_matches(name, variables, n=1, cutoff=0.5)
            hint = f" Did you mean {{{{ {near[0]} }}}}?" if near else " See the list of variables."
            yield f"{{{{ {name} }}}} is not known in this message.{hint}"
        elif variables[name].rows and parsed.kind != "rows":
            yield f"{{{{ {name} }}}} is a list, and stands alone on its line."
    plain = re.sub(VARIABLE, "", re.sub(r"\\[{}]", "", line))
    if "{%" in plain or "{#" in plain:
        yield "{% … %} is not needed: a line is left out when a variable in it is empty."
    elif "{{" in plain or "}}" in plain:
        yield "between {{ and }} stands the name of one variable and nothing else."
    yield from _wrong_links(line, variables)


def _wrong_links(line: str, variables: Mapping[str, Variable]) -> Iterator[str]:
    addresses = [name for name, variable in variables.items() if variable.address]
    offered = f", or {{{{ {addresses[0]} }}}}" if addresses else ""
    for found in LINK_LIKE.finditer(line):
        target = found[2].strip()
        name = re.fullmatch(VARIABLE, target)
        is_right = name[1] in addresses if name else INLINE.fullmatch(found[0]) is not None
        if not is_right and not (name and name[1] not in variables):
            yield f"a link leads to an address that begins with https://{offered}."
