"""Money: whole paise (an int) inside, rupees with Indian grouping on screen."""

import re

# What one online payment may be: the limits of Instamojo.
LEAST_PAYABLE = 9_00
MOST_PAYABLE = 2_00_000_00

# Commas stand as in India (1,23,456) or as in the West (123,456). Elsewhere they are refused:
# "1,50" may mean ₹1.50 or ₹150.
_AMOUNT = re.compile(
    r"(?:₹|rs\.?|inr)?\s*"
    r"(?P<rupees>[0-9]+|[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}|[0-9]{1,3}(?:,[0-9]{3})+)"
    r"(?:\.(?P<paise>[0-9]{1,2}))?",
    re.IGNORECASE,
)
# Longer amounts are slips of the keyboard, and would not fit into a column.
_MOST_DIGITS = 12


class NotAnAmount(ValueError):
    """The text is not an amount that is possible here; the message says what to do."""


def parse(text: str) -> int:
    """`text` as typed ("₹1,23,456.50", "2500", "Rs. 99.5") in paise, at least 0."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise NotAnAmount("Write an amount in rupees, with at most two decimals, such as 2,500.00.")
    rupees = found["rupees"].replace(",", "")
    if len(rupees) > _MOST_DIGITS:
        raise NotAnAmount("This amount has too many digits.")
    return int(rupees) * 100 + int((found["paise"] or "").ljust(2, "0"))


def parse_payable(text: str) -> int:
    """`text` in paise, as `parse`; refused when it cannot be paid online in one payment."""
    paise = parse(text)
    if paise < LEAST_PAYABLE:
        raise NotAnAmount(
            f"{display(paise)} is too small: an online payment is at least "
            f"{display(LEAST_PAYABLE)}."
        )
    if paise > MOST_PAYABLE:
        raise NotAnAmount(
            f"{display(paise)} is too large: an online payment is at most "
            f"{display(MOST_PAYABLE)}. Divide it into instalments."
        )
    return paise


def display(paise: int) -> str:
    """`₹1,23,456.50`: three digits, then groups of two. Below zero with a minus in front."""
    rupees, rest = divmod(abs(paise), 100)
    head, tail = divmod(rupees, 1000)
    grouped = str(tail)
    if head:
        pairs = re.sub(r"(?<=[0-9])(?=(?:[0-9]{2})+$)", ",", str(head))
        grouped = f"{pairs},{tail:03}"
    return f"{'−' if paise < 0 else ''}₹{grouped}.{rest:02}"
