"""Which number a `destination` means to AiSensy."""

import re

from ffapp.core import phone

SEPARATORS = re.compile(r"[\s().-]")
NUMBER = re.compile(r"\+?\d{5,15}", re.ASCII)


def read(destination: str) -> str | None:
    """The number in E.164, or None when AiSensy could not parse it.

    Digits without a plus are taken with their country if that makes a number, else as Indian.
    """
    digits = SEPARATORS.sub("", destination)
    if not NUMBER.fullmatch(digits):
        return None
    for form in dict.fromkeys((f"+{digits.removeprefix('+')}", digits)):
        try:
            return phone.parse(form, "IN")
        except phone.NotAPhoneNumber:
            continue
    return None
