"""Composing: a notice becomes a sheet, the same for everybody, and each person's own words.

A sheet holds tags where words differ from person to person, so that a thousand people can be sent
one text in one call. A tag begins with a number drawn for this sheet, so that nothing that anybody
has typed can be taken for one.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import escape

from ffapp.core import config
from ffapp.core.i18n import current_language
from ffapp.core.texts import clean
from ffapp.ledger.models import Effect
from ffapp.messaging import markup, rendering, templates
from ffapp.messaging.attachments import Attachment
from ffapp.messaging.notice import Notice, Wording
from ffapp.messaging.recipients import Recipient
from ffapp.messaging.rendering import Values

FRAME = Path(__file__).parents[2] / "templates" / "messages"
SIGNATURE = "\n\nFuture Founders"
MASK = "•••"
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Sheet:
    """What is handed over. `nonce` begins each tag in it; '' in sheets of before there was one."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    nonce: str = ""

    @property
    def digest(self) -> str:
        files = (f"{each.filename}\0{each.content.hex()}" for each in self.attachments)
        joined = "\0".join((self.subject, self.text, self.html, *files))
        return hashlib.sha256(joined.encode()).hexdigest()


class Tag:
    """Stands in a sheet where each person's own word will stand."""

    def __init__(self, nonce: str, name: str) -> None:
        self._tag = f"{nonce}{name}"

    def __str__(self) -> str:
        return f"-{self._tag}-"

    def __html__(self) -> str:
        return f"-{self._tag}_html-"


_notices: dict[str, Notice] = {}


def register(notices: Sequence[Notice]) -> None:
    """These notices can be composed."""
    _notices.update({notice.name: notice for notice in notices})


def all_notices() -> Sequence[Notice]:
    return list(_notices.values())


def notice_named(name: str) -> Notice | None:
    return _notices.get(name)


def notice_of(effect: Effect) -> Notice:
    """The notice that an effect is composed by; KeyError when there is none (any more)."""
    notice = _notices[effect.rule]
    return notice.stands_in(effect) if notice.stands_in else notice


def compose(notice: Notice, effect: Effect, wording: Wording | None = None) -> Sheet:
    """The notice about this effect's subject, with tags for each person's own words.

    It is in the current language, unless an admin has changed the text: that goes to everybody as
    it is. `wording` takes the place of the text in force; it must have been checked (`problems`).
    """
    wording = wording or templates.wording_of(notice)
    nonce = secrets.token_hex(4)
    values = values_of(notice, effect)
    values |= {name: Tag(nonce, name) for name in _personal(notice, values)}
    lines = markup.parse(wording.text, notice.variables)
    heading, inner = rendering.render_html(lines, values)
    text = rendering.render_text(lines, values) + (SIGNATURE if notice.is_signed else "")
    html = _frame().render(
        heading=rendering.render_html_line(wording.subject, values) if heading is None else heading,
        inner=inner,
        why=rendering.render_html_line(str(notice.why), values),
        lang=current_language(),
    )
    subject = clean(rendering.render_line(wording.subject, values))
    files = tuple(notice.attachments(effect))
    return Sheet(subject, clean(text) + "\n", clean(html), files, nonce)


def values_of(notice: Notice, effect: Effect) -> dict[str, object]:
    """Every variable of the notice and its value; those of a person are empty."""
    known = dict.fromkeys(notice.variables)
    return {**known, "public_url": config.current().public_url, **notice.topic.values(effect)}


def problems(notice: Notice, wording: Wording) -> list[tuple[str, str]]:
    """What must be put right before a text can be sent: (`subject` or `text`, a sentence)."""
    variables = notice.variables
    about = [(each, variable) for each, variable in variables.items() if not variable.rows]
    subject = markup.problems(wording.subject, dict(about))
    text = markup.problems(wording.text, variables, notice.secrets)
    found = [("subject", said) for said in subject] + [("text", said) for said in text]
    return found or list(_problems_of_output(notice, wording))


def _problems_of_output(notice: Notice, wording: Wording) -> Iterator[tuple[str, str]]:
    """What comes out of it with examples must be a mail, too."""
    values = {name: each.example or name for name, each in notice.variables.items()}
    values |= {name: () for name, each in notice.variables.items() if each.rows}
    subject = rendering.render_line(wording.subject, values)
    text = rendering.render_text(markup.parse(wording.text, notice.variables), values)
    for field, said in (("subject", subject), ("text", text)):
        if not clean(said).strip():
            yield field, "Nothing is left of this when it is filled in. Write something."
        elif clean(said) != said:
            yield field, "It holds a character that no mail can carry. Write the line anew."
    if len(subject) > LONGEST_SUBJECT:
        yield "subject", f"Filled in, this is longer than {LONGEST_SUBJECT} characters."


def bell(notice: Notice, values: Values) -> tuple[str, str]:
    """The line in the bell, and what stands below it."""
    title, *below = map(str, notice.bell)
    return rendering.render_line(title, values), rendering.first_filled(below, values)


def words_of(
    notice: Notice, effects: Sequence[Effect], recipients: Mapping[int, Recipient]
) -> dict[int, dict[str, str]]:
    """Effect id → the recipient's own words; `recipients` by effect id."""
    own = notice.topic.personal(effects)
    return {
        effect.id: {"first_name": recipients[effect.id].first_name, **own.get(effect.id, {})}
        for effect in effects
        if effect.id in recipients
    }


def substitutions(words: Mapping[str, str], nonce: str) -> dict[str, str]:
    """The tags of these words and what takes their place, in text and in HTML."""
    tags = {name: Tag(nonce, name) for name in words}
    words = {name: clean(word) for name, word in words.items()}
    in_text = {str(tags[name]): word for name, word in words.items()}
    return in_text | {tags[name].__html__(): str(escape(word)) for name, word in words.items()}


def fill(sheet: Sheet, words: Mapping[str, str]) -> Sheet:
    """The sheet as one person sees it."""
    tags = substitutions(words, sheet.nonce)
    # In one pass: a word that looks like a tag stays a word.
    pattern = re.compile("|".join(map(re.escape, tags)))
    parts = (sheet.subject, sheet.text, sheet.html)
    filled = (pattern.sub(lambda found: tags[found.group()], part) for part in parts)
    return Sheet(*filled, sheet.attachments)


def without_secrets(notice: Notice, words: Mapping[str, str]) -> dict[str, str]:
    """The words as they may be stored and shown."""
    return {name: MASK if name in notice.secrets else word for name, word in words.items()}


def masked(notice: Notice) -> Notice:
    """The same notice, whose secrets are made for nobody: for a preview or a test."""
    if not notice.secrets:
        return notice
    masks = dict.fromkeys(notice.secrets, MASK)
    topic = replace(notice.topic, personal=lambda effects: {each.id: masks for each in effects})
    return replace(notice, topic=topic)


def _personal(notice: Notice, values: Values) -> Iterator[str]:
    """The variables that differ from person to person, those within lists as well."""
    yield from (name for name, variable in notice.variables.items() if variable.personal)
    for name, variable in notice.variables.items():
        rows = values[name] if variable.rows else ()
        for row in rows or ():  # type: ignore[attr-defined]
            yield from markup.names_in(row.lead)


@cache
def _frame() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FRAME), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("frame.html")
