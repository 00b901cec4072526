"""Phone numbers: one spelling (E.164) inside, a readable one on screen."""

import phonenumbers


class NotAPhoneNumber(ValueError):
    """The text is not a phone number that can be called; the message says what is wrong."""


def parse(text: str, region: str = "IN") -> str:
    """`text` in E.164 (`+919876543210`); a number without country is read as one of `region`."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise NotAPhoneNumber("This does not look like a phone number.") from error
    if not phonenumbers.is_valid_number(number):
        raise NotAPhoneNumber("No phone has this number; check the digits and the country code.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def display(e164: str) -> str:
    """`+91 98765 43210`."""
    number = phonenumbers.parse(e164)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
