"""Columns that many imports have: names, addresses, phone numbers, dates, yes or no."""

from datetime import date, datetime

from ffapp.core import phone
from ffapp.imports.importer import Column
from ffapp.people.address import clean_email, clean_user_name
from ffapp.people.age import birth_problem
from ffapp.people.names import parse_name

DATE_PATTERNS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y")
YES = ("yes", "y", "true", "1", "agreed", "x", "हाँ", "हां")
NO = ("no", "n", "false", "0", "refused", "नहीं")


def name_column(name: str, label: str, *names: str, **more: str) -> Column:
    """A person's name."""
    return Column(name, label, names, parse=parse_imported_name, **{"example": "Asha Rao", **more})


def email_column(name: str, label: str, *names: str, **more: str) -> Column:
    """An e-mail address, in lower case."""
    more = {"example": "asha@example.org", **more}
    return Column(name, label, (f"{label} address", *names), parse=clean_email, **more)


def user_name_column(name: str, label: str, *names: str, **more: str) -> Column:
    """What somebody signs in with whose e-mail address is not theirs alone."""
    return Column(name, label, names, parse=clean_user_name, **{"example": "", **more})


def phone_column(name: str, label: str, *names: str, **more: str) -> Column:
    """A phone number in E.164; without a country it is read as Indian."""
    more = {"example": "98765 43210", **more}
    return Column(name, label, (f"{label} number", *names), parse=phone.parse, **more)


def birth_column(name: str, label: str, *names: str, **more: str) -> Column:
    """A date of birth, as ISO text; with digits alone the day comes before the month."""
    return Column(name, label, names, parse=parse_birth, **{"example": "14/05/2012", **more})


def yes_or_no_column(name: str, label: str, *names: str, **more: str) -> Column:
    """True or False; empty stays open."""
    return Column(name, label, names, parse=parse_yes_or_no, **{"example": "yes", **more})


def parse_imported_name(text: str) -> str:
    """A person's name on one line."""
    if text.split()[0][0] in "=@+-":
        raise ValueError("This is a formula, not a name.")
    return parse_name(text)


def parse_birth(text: str) -> str:
    """A date of birth as ISO text."""
    born_on = parse_date(text)
    if problem := birth_problem(born_on):
        raise ValueError(problem)
    return born_on.isoformat()


def parse_date(text: str) -> date:
    """A date as people in India write it, or as a sheet does."""
    words = text.removesuffix(" 00:00:00").removesuffix("T00:00:00").split()
    for pattern in DATE_PATTERNS:
        try:
            return datetime.strptime(" ".join(words), pattern).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise ValueError("Write the date as day/month/year, such as 14/05/2012.")


def parse_yes_or_no(text: str) -> bool:
    """True or False, as people write it."""
    word = text.strip().casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError("Write yes or no, or leave it empty.")
