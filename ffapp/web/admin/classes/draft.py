"""What was typed about a class, read in its zone, with what should be asked before it is saved."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import wtforms

from ffapp.classes import series
from ffapp.classes.schedule import Plan
from ffapp.classes.schedule_warnings import schedule_warnings
from ffapp.classes.series import Occurrence
from ffapp.programme.models import Cohort
from ffapp.web.admin.classes import questions
from ffapp.web.kit.forms import (
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
    """A class that exists has no `cohort_id` and no `times`, nor `host` where that is settled."""

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
    times = NumberField("How many classes", 1, series.MOST, " classes", default=1)
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
    def typed_times(self) -> int:
        """How many weekly classes are wished for; one where nothing was said."""
        return (self.times.data or 1) if "times" in self else 1

    @property
    def typed_revision(self) -> int:
        text = str(self.revision.data or "")
        return int(text) if text.isascii() and text.isdecimal() else 0


@dataclass(frozen=True)
class Checked:
    """A typed class, or a series: what it would be, and what is asked before it is saved.

    `digest` stands for these questions about these times, length and host, and for no others.
    """

    wishes: Sequence[Plan] = ()
    asked: Sequence[str] = ()
    confirmed: str = ""

    @property
    def digest(self) -> str:
        if not self.wishes:
            return ""
        starts = (wish.starts_at.isoformat() for wish in self.wishes)
        about = (*starts, str(self.wishes[0].duration_minutes), self.wishes[0].host_email)
        return hashlib.sha256("\n".join((*about, *self.asked)).encode()).hexdigest()

    def answered(self) -> Sequence[Plan]:
        """The classes, when nothing is asked or exactly this was; raises Unanswered."""
        if not self.wishes or (self.asked and self.confirmed != self.digest):
            raise Unanswered(self)
        return self.wishes


class Unanswered(Exception):
    """Nothing is saved before an admin has read what is asked, or corrected the time."""

    def __init__(self, checked: Checked) -> None:
        super().__init__(*checked.asked)
        self.checked = checked


def check(
    form: ClassForm,
    cohort: Cohort,
    zone: str,
    confirmed: str,
    host: str | None = None,
    but: int | None = None,
) -> Checked:
    """Read the form in `zone`; a time that does not exist there becomes an error beside its field.

    In a series it is a question about that date instead. `host` is the settled one, of a form that
    does not ask for it; `but` the class that is changed.
    """
    dates = series.weekly(form.day.data, form.at.data, zone, form.typed_times)
    if len(dates) == 1 and dates[0].skipped:
        form.refuse("at", questions.skipped(form.day.data, form.at.data, dates[0], zone))
        return Checked()
    wishes = [_wish(form, date, number, host) for number, date in enumerate(dates, 1)]
    starts = [wish.starts_at for wish in wishes]
    found = schedule_warnings(
        starts, wishes[0].duration_minutes, wishes[0].host_email, cohort, zone, but
    )
    asked = questions.spell(dates, found, form.at.data, zone)
    return Checked(wishes, asked, confirmed)


def _wish(form: ClassForm, date: Occurrence, number: int, host: str | None) -> Plan:
    title = series.numbered(form.title.data, number) if "times" in form else form.title.data
    return Plan(
        title=title,
        description=form.description.data,
        starts_at=date.starts_at,
        duration_minutes=form.minutes.data,
        host_email=host or form.host.data,
    )
