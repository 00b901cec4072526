"""The base of every form, and fields that speak plainly about what is wrong."""

import unicodedata
from typing import Any

import wtforms
from flask_wtf import FlaskForm
from wtforms.validators import StopValidation

from ffapp.core import clock, i18n, phone
from ffapp.core.i18n import gettext, lazy_gettext
from ffapp.people.address import NotAnAddress, clean_email, clean_user_name
from ffapp.people.age import birth_problem
from ffapp.people.names import MISLEADING, is_seen, parse_name
from ffapp.web.kit.idempotency import new_key


class Form(FlaskForm):
    """A form with a one-time key; what was typed stays when something is wrong."""

    submission = wtforms.HiddenField(default=new_key)

    def refuse(self, field: str, message: str) -> None:
        """Show a problem that only the rules of the programme could find."""
        self[field].errors = [*self[field].errors, message]


class Required:
    """The field must not be empty; the message says what to give."""

    field_flags = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        if field.data is None or (isinstance(field.data, str) and not is_seen(field.data)):
            unreadable = field.errors or field.process_errors
            field.errors = []
            raise StopValidation(unreadable[0] if unreadable else str(self.message))


class Length:
    def __init__(self, most: int) -> None:
        self.most = most
        self.field_flags = {"maxlength": most}

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        if field.data and len(field.data) > self.most:
            raise StopValidation(
                gettext("This is longer than %(count)s characters.", count=self.most)
            )


class TextField(wtforms.StringField):
    """One line, without spaces at its ends: what else breaks a line becomes a space."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = " ".join(normal(valuelist[0]).split()) if valuelist else None

    def pre_validate(self, form: wtforms.Form) -> None:
        if self.data and MISLEADING.search(self.data):
            raise StopValidation(
                gettext("There are signs in this text that cannot be seen. Type it anew.")
            )


class NameField(TextField):
    """A person's name."""

    def pre_validate(self, form: wtforms.Form) -> None:
        if not self.data:
            return
        try:
            self.data = parse_name(self.data)
        except ValueError as error:
            raise StopValidation(str(error)) from error


class LongTextField(wtforms.TextAreaField):
    """Lines of text; `\\n` ends each."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = normal(valuelist[0] if valuelist else "").replace("\r\n", "\n")


def normal(text: str | None) -> str:
    """The text in the one form in which it is stored and found."""
    return unicodedata.normalize("NFC", (text or "").replace("\0", ""))


class EmailField(wtforms.EmailField):
    """An e-mail address in lower case."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0].strip() if valuelist else None

    def pre_validate(self, form: wtforms.Form) -> None:
        if not self.data:
            return
        try:
            self.data = clean_email(self.data)
        except NotAnAddress as error:
            raise StopValidation(_what_is_wrong(error)) from error


def _what_is_wrong(error: NotAnAddress) -> str:
    """The library says exactly what is wrong with an address, but only in English."""
    if i18n.current_language() == i18n.ENGLISH:
        return str(error)
    return gettext("This is not a complete e-mail address, such as asha@example.in.")


class UserNameField(wtforms.StringField):
    """A user name in lower case; None when empty."""

    def pre_validate(self, form: wtforms.Form) -> None:
        try:
            self.data = clean_user_name(self.data) if self.data and self.data.strip() else None
        except ValueError as error:
            raise StopValidation(str(error)) from error


class PhoneField(wtforms.TelField):
    """A phone number, stored as E.164; without a country it is read as Indian."""

    def pre_validate(self, form: wtforms.Form) -> None:
        if not (self.data or "").strip():
            self.data = None
            return
        try:
            self.data = phone.parse(self.data)
        except phone.NotAPhoneNumber as error:
            raise StopValidation(f"{error}") from error


class Readable:
    """A field whose text must be readable; `unreadable` says what it is to be."""

    unreadable: Any = ""
    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not any(valuelist):
            self.data = None
            return
        try:
            super().process_formdata(valuelist)  # type: ignore[misc]
        except ValueError as error:
            raise ValueError(str(self.unreadable)) from error


class DateField(Readable, wtforms.DateField):
    unreadable = "This is not a date of the calendar (day, month, year)."

    def pre_validate(self, form: wtforms.Form) -> None:
        if self.data is not None and not 2020 <= self.data.year <= 2100:
            raise StopValidation("Choose a day between 2020 and 2100.")


class BirthField(Readable, wtforms.DateField):
    """A date of birth; it may be left out."""

    unreadable = "This is not a date of the calendar (day, month, year)."

    def pre_validate(self, form: wtforms.Form) -> None:
        if self.data is not None and (problem := birth_problem(self.data)):
            raise StopValidation(problem)


class TimeField(Readable, wtforms.TimeField):
    unreadable = lazy_gettext("This is not a time of day, such as 17:30.")


class NumberField(Readable, wtforms.IntegerField):
    """A whole number between two bounds."""

    widget = wtforms.widgets.NumberInput()
    unreadable = "Give a whole number."

    def __init__(self, label: str, least: int, most: int, unit: str = "", **options: Any) -> None:
        options["render_kw"] = {"min": least, "max": most, "inputmode": "numeric"}
        super().__init__(label, **options)
        self.least, self.most, self.unit = least, most, unit

    def pre_validate(self, form: wtforms.Form) -> None:
        if self.data is not None and not self.least <= self.data <= self.most:
            raise StopValidation(f"Give a number from {self.least} to {self.most}{self.unit}.")


class ZoneField(wtforms.StringField):
    """A time zone, chosen from a list, or typed by its name or its city."""

    def pre_validate(self, form: wtforms.Form) -> None:
        if not self.data:
            return
        try:
            self.data = clock.find_zone(self.data)
        except clock.UnknownZone as error:
            raise StopValidation(
                gettext(
                    "“%(name)s” is not the name of a time zone. Choose one from the list.",
                    name=self.data,
                )
            ) from error
