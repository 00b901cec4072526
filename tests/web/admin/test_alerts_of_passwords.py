"""Today says when many wrong passwords are tried."""

from datetime import timedelta

import pytest

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.throttle import SignInFailures

SAYS = "wrong passwords were tried within an hour"


@pytest.mark.parametrize(
    ("count", "minutes_ago", "is_said"), [(45, 5, True), (45, 90, False), (4, 5, False)]
)
def test_many_wrong_passwords_are_an_alert(alerts, count, minutes_ago, is_said):
    at = clock.wall() - timedelta(minutes=minutes_ago)
    for number in range(2):
        subject = f"email:{number}@students.example"
        db.session.add(SignInFailures(subject=subject, count=5, refused=count, last_at=at))
    db.session.commit()

    assert any(SAYS in each for each in alerts()) is is_said
