"""Composing: a notice becomes a sheet, the same for everybody, and each person's own words.

A sheet holds tags where words differ from person to person, so that a thousand people can be sent
one text in one call. The same sheet and words are what the admin is shown.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ffapp.core import clock, config
from ffapp.ledger.models import Effect
from ffapp.messaging import templates, wording
from ffapp.messaging.attachments import Attachment, Files
from ffapp.people.models import Person

TEMPLATES = Path(__file__).parents[2] / "templates" / "messages"

Facts = Callable[[Effect], Mapping[str, Any]]
OwnWords = Callable[[Sequence[Effect]], Mapping[int, Mapping[str, str]]]


@dataclass(frozen=True)
class Notice:
    """What a rule tells people. Its templates stand in `templates/messages/<name>/`.

    `facts` are the same for all effects of one cause and subject; `own_words` differ from person to
    person (beside `first_name`, which every notice has). `secret` names own words that are shown to
    nobody but the recipient. `attachments` are the same for all, as `facts` are. `variables` says
    what may stand in a text of an admin's own, and what each is (a notice without any cannot be
    rewritten); `example` makes an effect that somebody could get, to preview the text with.
    """

    name: str
    title: str
    facts: Facts = lambda effect: {}
    own_words: OwnWords = lambda effects: {}
    secret: tuple[str, ...] = ()
    attachments: Files = lambda effect: ()
    variables: Mapping[str, str] = field(default_factory=dict)
    example: Callable[[Person], Effect | None] = lambda person: None


@dataclass(frozen=True)
class Sheet:
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()

    @property
    def digest(self) -> str:
        files = (f"{each.filename}\0{each.content.hex()}" for each in self.attachments)
        joined = "\0".join((self.subject, self.text, self.html, *files))
        return hashlib.sha256(joined.encode()).hexdigest()


notices: dict[str, Notice] = {}


def announce_by(*known: Notice) -> None:
    """These notices can be composed."""
    notices.update({notice.name: notice for notice in known})


def compose(notice: Notice, effect: Effect) -> Sheet:
    """The notice about this effect's subject, with tags for each person's own words."""
    facts = {**notice.facts(effect), "me": Tags(), "public_url": config.current().public_url}
    files = tuple(notice.attachments(effect))
    if (own := templates.own_words_of(notice.name)) is not None:
        return _edited(*own, facts, files)
    return _original(notice, facts, files)


def original(notice: Notice) -> tuple[str, str]:
    """The subject and the text of the house, as they are written before they are filled in.

    Where the text says more than an admin's may (`{% for %}`), `own.txt` says it as theirs would.
    """
    folder = TEMPLATES / notice.name
    own = folder / "own.txt"
    body = own if own.exists() else folder / "body.txt"
    return (folder / "subject.txt").read_text().strip(), body.read_text().strip()


def compose_draft(notice: Notice, effect: Effect, subject: str, body: str) -> Sheet:
    """The same of a text that is not saved; it must have been checked (`wording.problems`)."""
    facts = {**notice.facts(effect), "me": Tags(), "public_url": config.current().public_url}
    return _edited(subject, body, facts, tuple(notice.attachments(effect)))


def _edited(
    subject: str, body: str, facts: Mapping[str, Any], files: tuple[Attachment, ...]
) -> Sheet:
    line = " ".join(wording.render(subject, facts, html=False).split())
    heading = " ".join(wording.render(subject, facts, html=True).split())
    inner = wording.paragraphs(wording.render(body, facts, html=True))
    words = {**facts, "heading": Markup(heading), "inner": inner}
    html = _environment().get_template("_edited.html").render(words)
    text = wording.render(body, facts, html=False).strip() + "\n"
    return Sheet(line, text, html, files)


def _original(notice: Notice, facts: Mapping[str, Any], files: tuple[Attachment, ...]) -> Sheet:
    parts = [
        _environment().get_template(f"{notice.name}/{part}").render(facts)
        for part in ("subject.txt", "body.txt", "body.html")
    ]
    return Sheet(" ".join(parts[0].split()), parts[1].strip() + "\n", parts[2], files)


def bell(rule: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """The line in the bell and the one below it."""
    text = _environment().get_template(f"{rule}/bell.txt").render(facts)
    title, _, body = text.strip().partition("\n")
    return title.strip(), " ".join(body.split())


def words_of(
    notice: Notice, effects: Sequence[Effect], people: Mapping[int, Person]
) -> dict[int, dict[str, str]]:
    """Effect id → the person's own words."""
    own = notice.own_words(effects)
    return {
        effect.id: {
            "first_name": people[effect.person_id].first_name,  # type: ignore[index]
            **own.get(effect.id, {}),
        }
        for effect in effects
        if effect.person_id in people
    }


def substitutions(words: Mapping[str, str]) -> dict[str, str]:
    """The tags of these words and what takes their place, in text and in HTML."""
    tags = {f"-{name}-": word for name, word in words.items()}
    return tags | {f"-{name}_html-": str(escape(word)) for name, word in words.items()}


def fill(sheet: Sheet, words: Mapping[str, str]) -> Sheet:
    """The sheet as one person sees it."""
    tags = substitutions(words)
    # In one pass, as SendGrid does it: a word that looks like a tag stays a word.
    pattern = re.compile("|".join(map(re.escape, tags)))
    parts = (sheet.subject, sheet.text, sheet.html)
    filled = (pattern.sub(lambda found: tags[found.group()], part) for part in parts)
    return Sheet(*filled, sheet.attachments)


def without_secrets(notice: Notice, words: Mapping[str, str]) -> dict[str, str]:
    """The words as they may be stored and shown."""
    return {name: "•••" if name in notice.secret else word for name, word in words.items()}


class _Tag:
    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return f"-{self.name}-"

    def __html__(self) -> str:
        return Markup(f"-{self.name}_html-")


class Tags:
    """Stands for `me` in a sheet: each variable becomes a tag for the person's own word."""

    def __getattr__(self, name: str) -> _Tag:
        return _Tag(name)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["local_time"] = _local_time
    return environment


def _local_time(instant: Any, zone: str) -> str:
    return clock.spell(instant, zone)
