"""Paise inside, rupees with Indian grouping on screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffapp.core import money


@pytest.mark.parametrize(
    ("paise", "shown"),
    [
        (0, "₹0.00"),
        (5, "₹0.05"),
        (99_99, "₹99.99"),
        (1_000_00, "₹1,000.00"),
        (12_003_40, "₹12,003.40"),
        (1_23_456_50, "₹1,23,456.50"),
        (1_00_00_000_00, "₹1,00,00,000.00"),
        (-2_500_00, "−₹2,500.00"),
    ],
)
def test_amounts_are_grouped_as_in_india(paise, shown):
    assert money.display(paise) == shown


@pytest.mark.parametrize(
    ("typed", "paise"),
    [
        ("2500", 2_500_00),
        (" 2,500.5 ", 2_500_50),
        ("₹1,23,456.50", 1_23_456_50),
        ("₹ 123,456.50", 1_23_456_50),
        ("Rs. 99", 99_00),
        ("rs 99.05", 99_05),
        ("INR 1,00,00,000", 1_00_00_000_00),
        ("0", 0),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, paise):
    assert money.parse(typed) == paise


@pytest.mark.parametrize(
    "typed",
    ["", "₹", "free", "-5", "1,50", "1.234,50", "12,34", "9.999", "9.", ".5", "1 000", "1e3", "९९"],
)
def test_what_is_no_amount_or_may_mean_two_is_refused(typed):
    with pytest.raises(money.NotAnAmount, match="at most two decimals"):
        money.parse(typed)


def test_a_slip_of_the_keyboard_is_refused():
    with pytest.raises(money.NotAnAmount, match="too many digits"):
        money.parse("9" * 13)


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_what_is_shown_is_read_back_to_the_paisa(paise):
    assert money.parse(money.display(paise)) == paise


@pytest.mark.parametrize(("typed", "paise"), [("9", 9_00), ("₹2,00,000.00", 2_00_000_00)])
def test_the_limits_themselves_are_payable(typed, paise):
    assert money.parse_payable(typed) == paise


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("₹8.99", "₹8.99 is too small: an online payment is at least ₹9.00."),
        (
            "₹2,00,000.01",
            "₹2,00,000.01 is too large: an online payment is at most ₹2,00,000.00. "
            "Divide it into instalments.",
        ),
    ],
)
def test_beyond_the_limits_the_message_says_what_to_do(typed, message):
    with pytest.raises(money.NotAnAmount) as refused:
        money.parse_payable(typed)

    assert str(refused.value) == message
