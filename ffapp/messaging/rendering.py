"""A text in light Markdown, filled in: as plain text, and as the inside of an HTML mail.

A line is left out when a variable in it is empty, so that no `if` is needed; and HTML does not
repeat a line that says the same as the heading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from ffapp.messaging.markup import Bold, Line, Link, Part, Value, Words, names_in, parse_line

PARAGRAPH = Markup('<p style="margin:0 0 12px">{}</p>')
BREAK = Markup("<br>\n")
LINK = Markup('<a href="{}" style="color:#0b5a60">{}</a>')
BUTTON = Markup(
    '<p style="margin:20px 0 12px"><a href="{}" style="display:inline-block;background:#0b5a60;'
    "color:#ffffff;text-decoration:none;font-weight:600;padding:12px 20px;"
    'border-radius:8px">{}</a></p>'
)
ROWS = Markup('<ol style="margin:0 0 12px;padding:0;list-style:none">\n{}\n</ol>')
ROW = Markup(
    '<li style="padding:8px 0;border-top:1px solid #d9e1e2"><strong>{}</strong><br>\n{}</li>'
)


@dataclass(frozen=True)
class Row:
    """One entry of a list: what stands first and bold, and the line below it.

    A `Value` in the lead is a word that differs from person to person.
    """

    lead: Sequence[Words | Value]
    detail: str


# A word, a tag for a person's own word, the rows of a list, or nothing.
Values = Mapping[str, object]


def is_empty(line: Line, values: Values) -> bool:
    """Whether a variable in the line has no value."""
    return any(values[name] in (None, "") for name in names_in(line.parts))


def render_line(source: str, values: Values) -> str:
    """One line of plain text, such as a subject; what is empty leaves nothing behind."""
    return " ".join(_text(parse_line(source), values).split())


def render_html_line(source: str, values: Values) -> Markup:
    """The same line as HTML."""
    return _html(parse_line(source), values)


def first_filled(sources: Sequence[str], values: Values) -> str:
    """The first of these lines in which no variable is empty, rendered; '' where there is none."""
    for source in sources:
        if not is_empty(Line("text", parse_line(source)), values):
            return render_line(source, values)
    return ""


def render_text(lines: Sequence[Line], values: Values) -> str:
    """The plain text, without a line break at its end."""
    said: list[str] = []
    for line in lines:
        if line.kind == "heading" or is_empty(line, values):
            continue
        if line.kind != "blank":
            said.append(_text_line(line, values))
        elif said and said[-1]:
            said.append("")
    return "\n".join(said).strip("\n")


def render_html(lines: Sequence[Line], values: Values) -> tuple[Markup | None, Markup]:
    """The heading, None where there is none, and the body of the mail."""
    kept = [line for line in lines if not is_empty(line, values)]
    headings = [_html(line.parts, values) for line in kept if line.kind == "heading"]
    heading = headings[0] if headings else None
    body: list[Markup] = []
    paragraph: list[Markup] = []
    for line in [*kept, Line("blank")]:
        if line.kind == "text":
            said = _html(line.parts, values)
            paragraph += [said] if said != heading else []
            continue
        if paragraph:
            body.append(PARAGRAPH.format(BREAK.join(paragraph)))
            paragraph = []
        if line.kind in ("button", "rows"):
            body.append(_html_block(line, values))
    return heading, Markup("\n").join(body)


def _text_line(line: Line, values: Values) -> str:
    match line:
        case Line("button", [Link(_, target)]):
            return _text([target], values)
        case Line("rows", [Value(name)]):
            rows: Sequence[Row] = values[name]  # type: ignore[assignment]
            return "\n\n".join(f"{_text(row.lead, values)}\n{row.detail}" for row in rows)
    return _text(line.parts, values)


def _text(parts: Sequence[Part], values: Values) -> str:
    said = []
    for part in parts:
        match part:
            case Words(text):
                said.append(text)
            case Value(name):
                said.append("" if values[name] is None else str(values[name]))
            case Bold(inner):
                said.append(_text(inner, values))
            case Link(label, target):
                address = _text([target], values)
                said.append(f"{_text(label, values)} ({address})" if label else address)
    return "".join(said)


def _html(parts: Sequence[Part], values: Values) -> Markup:
    said = []
    for part in parts:
        match part:
            case Words(text):
                said.append(escape(text))
            case Value(name):
                value = "" if values[name] is None else values[name]
                said.append(BREAK.join(escape(value).split("\n")))
            case Bold(inner):
                said.append(Markup("<strong>{}</strong>").format(_html(inner, values)))
            case Link(label, target):
                address = _html([target], values)
                said.append(LINK.format(address, _html(label, values) if label else address))
    return Markup("").join(said)


def _html_block(line: Line, values: Values) -> Markup:
    match line:
        case Line("button", [Link(label, target)]):
            return BUTTON.format(_html([target], values), _html(label, values))
        case Line(_, [Value(name)]):
            rows: Sequence[Row] = values[name]  # type: ignore[assignment]
            return ROWS.format(Markup("\n").join(_row(row, values) for row in rows))
    raise AssertionError(line)


def _row(row: Row, values: Values) -> Markup:
    return ROW.format(_html(row.lead, values), row.detail)
