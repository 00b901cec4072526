"""What was typed about a class, read in its zone, with what should be asked before it is saved."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import wtforms

from ffapp import clock
from ffapp.classes.doubts import doubts
from ffapp.classes.schedule import Plan
from ffapp.web.forms import (
    DateField,
    EmailField,
    Form,
    Length,
    NumberField,
    Required,
    TextField,
    TimeField,
)

FIRST_YEAR, LAST_YEAR = 2020, 2100


class ClassForm(Form):
    """Without `cohort_id` where the class has one, without `host` where the host is settled."""

    cohort_id = wtforms.SelectField(
        "Cohort",
        coerce=lambda value: int(value) if str(value).isdecimal() else None,
        validate_choice=False,
    )
    title = TextField("Title", [Required("Give the class a title."), Length(150)])
    description = wtforms.TextAreaField(
        "Description", [Length(1900)], filters=[lambda text: (text or "").replace("\0", "")]
    )
    day = DateField("Date", [Required("Choose a day.")])
    at = TimeField("Start", [Required("Give a time of day, such as 17:30.")])
    minutes = NumberField(
        "Duration in minutes",
        1,
        24 * 60,
        " minutes",
        validators=[Required("Say how many minutes it lasts.")],
        default=60,
    )
    host = EmailField("Host", [Required("Give the e-mail address of the Zoom user who hosts.")])
    revision = wtforms.HiddenField()

    def validate_cohort_id(self, field: wtforms.Field) -> None:
        if field.data not in [value for value, _ in field.choices]:
            raise wtforms.ValidationError("Choose a cohort.")

    def validate_day(self, field: wtforms.Field) -> None:
        if not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise wtforms.ValidationError(
                f"Choose a day between {FIRST_YEAR} and {LAST_YEAR}; this one is in"
                f" {field.data.year}."
            )

    @property
    def typed_revision(self) -> int:
        text = str(self.revision.data or "")
        return int(text) if text.isascii() and text.isdecimal() else 0


@dataclass(frozen=True)
class Checked:
    """A typed class: what it would be, and what is asked about it before it is saved.

    `digest` stands for these questions about this time, length and host, and for no others.
    """

    wish: Plan | None
    asked: Sequence[str] = ()
    confirmed: str = ""

    @property
    def digest(self) -> str:
        wish = self.wish
        if wish is None:
            return ""
        about = (wish.starts_at.isoformat(), str(wish.duration_minutes), wish.host_email)
        return hashlib.sha256("\n".join((*about, *self.asked)).encode()).hexdigest()

    def answered(self) -> Plan:
        """The class, when nothing is asked or exactly this was; raises Unanswered."""
        if self.wish is None or (self.asked and self.confirmed != self.digest):
            raise Unanswered(self)
        return self.wish


class Unanswered(Exception):
    """Nothing is saved before an admin has read what is asked, or corrected the time."""

    def __init__(self, checked: Checked) -> None:
        super().__init__(*checked.asked)
        self.checked = checked


def check(
    form: ClassForm, zone: str, confirmed: str, host: str | None = None, but: int | None = None
) -> Checked:
    """Read the form in `zone`; a time that does not exist there becomes an error beside its field.

    `host` is the settled one, of a form that does not ask for it; `but` the class that is changed.
    """
    wish = _read(form, zone, host)
    if wish is None:
        return Checked(None)
    asked = doubts(wish.starts_at, wish.duration_minutes, wish.host_email, zone, but)
    return Checked(wish, [*asked, *_said_twice(wish.starts_at, zone)], confirmed)


def _read(form: ClassForm, zone: str, host: str | None) -> Plan | None:
    try:
        starts_at = clock.instant_of(form.day.data, form.at.data, zone)
    except clock.NonexistentTime as skipped:
        form.refuse("at", _skipped(form.day.data, form.at.data, zone, skipped))
        return None
    return Plan(
        title=form.title.data,
        description=form.description.data,
        starts_at=starts_at,
        duration_minutes=form.minutes.data,
        host_email=host or form.host.data,
    )


def _skipped(day: date, at: time, zone: str, skipped: clock.NonexistentTime) -> str:
    typed = _time_of_day(datetime.combine(day, at))
    return (
        f"On {day.day} {day:%B %Y} the clocks skip {typed} in {zone_words(zone)}. The first time"
        f" after it is {clock.spell_time(skipped.later, zone)}."
    )


def _said_twice(starts_at: datetime, zone: str) -> list[str]:
    """Where the clocks go back an hour is there twice; the first one is taken."""
    local = clock.local(starts_at, zone)
    again = local.replace(fold=1)
    if local.fold or again.utcoffset() == local.utcoffset():
        return []
    return [
        f"{_time_of_day(local)} comes twice that night in {zone_words(zone)}, when the clocks go"
        f" back. We take the first one, {local.tzname()}."
    ]


def zone_words(zone: str) -> str:
    """`Asia/Kolkata` as it reads in a sentence."""
    return zone.replace("_", " ")


def _time_of_day(moment: datetime) -> str:
    return f"{moment.hour % 12 or 12}:{moment:%M} {'am' if moment.hour < 12 else 'pm'}"
