"""What stands in a cell of a list: as HTML on the page, as text in the CSV file.

A column's value is text, a number, None, or one of these. Jinja asks `__html__`, the file `str()`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from ffapp.core import clock
from ffapp.web import rendering
from ffapp.web.kit import status_badges

NOTHING = Markup('<span class="mute">–</span>')


def as_html(value: Any) -> Markup:
    """The value escaped; a dash where there is none."""
    return NOTHING if value is None or value == "" else escape(value)


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads somewhere; `describe` completes it for those who only hear it."""

    text: str
    url: str
    describe: str = ""

    def __html__(self) -> Markup:
        about = (
            f' aria-label="{escape(self.text)} {escape(self.describe)}"' if self.describe else ""
        )
        return Markup(f'<a href="{escape(self.url)}"{about}>{escape(self.text)}</a>')

    def __str__(self) -> str:
        return str(self.text)


class RowLink(Link):
    """The name of the row; the whole row leads where it leads."""

    def __html__(self) -> Markup:
        return Markup(f'<a class="row-link" href="{escape(self.url)}">{escape(self.text)}</a>')


@dataclass(frozen=True, slots=True)
class Chip:
    """A state, called as `web.chips` says."""

    kind: str
    state: str

    def __html__(self) -> Markup:
        return status_badges.status_badge(self.kind, self.state)

    def __str__(self) -> str:
        state = str(self.state)
        return str(status_badges.BADGES[self.kind].get(state, (state,))[0])


@dataclass(frozen=True, slots=True)
class Tag:
    """A word of the list's own that looks like a state."""

    text: str
    tone: str = "idle"

    def __html__(self) -> Markup:
        return Markup(f'<span class="chip tone-{self.tone}">{escape(self.text)}</span>')

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what follows it on the page; nothing at all for none or zero."""

    number: int | None
    after: str = ""

    def __html__(self) -> Markup:
        if not self.number:
            return NOTHING
        after = f'<span class="mute">{escape(self.after)}</span>' if self.after else ""
        return Markup(f"{self.number:,}{after}")

    def __str__(self) -> str:
        return str(self.number or 0)


@dataclass(frozen=True, slots=True)
class When:
    """An instant in a zone; without one, in the viewer's own."""

    instant: datetime
    zone: str | None = None

    def __html__(self) -> Markup:
        text = escape(rendering.local_time(self.instant, self.zone))
        html = f'<time datetime="{self.instant.isoformat()}">{text}</time>'
        if near := rendering.relative(self.instant):
            html += f' <span class="when-relative">{near}</span>'
        return Markup(html)

    def __str__(self) -> str:
        """`2026-12-05 17:00:00`, which a spreadsheet reads as a date."""
        return f"{clock.local(self.instant, self.zone or rendering.own_zone()):%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True, slots=True)
class Lines:
    """A value with smaller lines under it, which stand on the page alone."""

    first: Any
    under: tuple[Any, ...]

    def __html__(self) -> Markup:
        rest = "".join(f'<span class="sub">{escape(each)}</span>' for each in self.under)
        return Markup(f"{as_html(self.first)}{rest}")

    def __str__(self) -> str:
        return "" if self.first is None else str(self.first)


def lines(first: Any, *under: Any) -> Lines:
    """`first`, and under it what is not empty."""
    return Lines(first, tuple(each for each in under if each))


@dataclass(frozen=True, slots=True)
class Press:
    """A button of a row. All of them belong to one form, so that a row carries no token."""

    text: str
    url: str
    name: str = ""
    value: Any = ""
    describe: str = ""

    def __html__(self) -> Markup:
        named = f' name="{self.name}" value="{escape(self.value)}"' if self.name else ""
        about = f' aria-label="{escape(self.describe)}"' if self.describe else ""
        return Markup(
            f'<button class="button button-quiet button-small" form="row-actions"'
            f' formaction="{escape(self.url)}"{named}{about}>'
            f"<span>{escape(self.text)}</span></button>"
        )

    def __str__(self) -> str:
        return ""
