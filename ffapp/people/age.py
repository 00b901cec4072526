"""Age: from their 18th birthday on, a person decides alone."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func

from ffapp.core import clock, config
from ffapp.people.models import Person

ADULT_YEARS = 18
OLDEST_YEARS = 100


def today() -> date:
    """The day in the programme's time zone."""
    return clock.local(clock.now(), config.current().time_zone).date()


def adult_cutoff() -> date:
    """Who was born on this day or before is an adult today."""
    day = today()
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - ADULT_YEARS, day=28 if is_leap_day else day.day)


def is_adult(person: Person) -> bool:
    """Whether the person decides alone; who has no date of birth is taken for a child."""
    return person.born_on is not None and person.born_on <= adult_cutoff()


def are_adults(cutoff: Any = None) -> ColumnElement[bool]:
    """The same of the `Person` of a query, in SQL; `cutoff` where it is not asked today."""
    return func.coalesce(Person.born_on <= (adult_cutoff() if cutoff is None else cutoff), False)


def birth_problem(born_on: date) -> str | None:
    """What is wrong with a date of birth; None when somebody may have been born then."""
    if born_on > today():
        return "This day is still to come."
    if born_on.year < today().year - OLDEST_YEARS:
        return "This is more than a hundred years ago."
    return None
