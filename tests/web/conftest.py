"""A second cohort, in another time zone."""

from datetime import date

import pytest

from ffapp.core.db import transaction
from ffapp.programme.cohorts import create_cohort


@pytest.fixture
def london(cast):
    return transaction(
        create_cohort,
        name="London",
        starts_on=date(2026, 11, 1),
        ends_on=date(2027, 12, 31),
        seats=5,
        time_zone="Europe/London",
        by=cast.admin,
    )
