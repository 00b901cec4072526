"""Whatever happens in whatever order: each student is promised and sent exactly what is right.

Random days, the same in each run. What is expected comes from a model that shares no code with the
programme (`expected.py`).
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, cancel, change
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Lane
from ffapp.ledger.perform import perform_due
from ffapp.notifications.choices import choose
from ffapp.people.consent_records import record_consent
from ffapp.people.models import Person
from ffapp.programme.enrol import enrol, enrolment_of, withdraw
from tests.cast import HOST
from tests.ledger.expected import Lesson, Model, News, Student
from tests.ledger.pupils import enrolled, follow_events
from tests.processes import witness

SEEDS = range(4)
STEPS = 40
HAPPENINGS = (
    *("schedule", "schedule", "move", "move", "move_back", "rename", "cancel"),
    *("withdraw", "enrol", "consent", "choice", "time_passes", "time_passes"),
)
MONDAY = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
REMINDERS = "kind = 'email' AND rule IN ('class_reminder_24h', 'class_reminder_15min')"


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_is_promised_and_sent_what_the_final_state_calls_for(cast, mailbox, travel, seed):
    travel.to(MONDAY)
    days = Days(random.Random(seed), cast, travel)
    for _ in range(STEPS):
        days.something_happens()
        if days.luck.random() < 0.5:
            days.worker_comes()
            _check(days, mailbox)
    days.worker_comes()
    _check(days, mailbox)
    assert mailbox()


class Days:
    """Does the same to the programme and to the model, and remembers what, for the reader."""

    def __init__(self, luck, cast, travel):
        self.luck, self.cast, self.travel = luck, cast, travel
        enrolled(cast, "leela", agreed=None)
        self.people = {
            person.email.partition("@")[0]: person.id
            for person in db.session.scalars(db.select(Person).where(Person.id != cast.admin.id))
        }
        self.model = Model(
            {
                "asha": Student("asha@students.example", True, True),
                "ravi": Student("ravi@students.example", True, True),
                "kabir": Student("kabir@students.example", True, False),
                "meera": Student("meera@students.example", False, True),
                "tara": Student("tara@students.example", False, True),
                "leela": Student("leela@students.example", True, None),
            }
        )
        self.been = {}  # class → where it was before it moved
        self.story = []
        follow_events()
        perform_due(Lane.MESSAGES)

    def something_happens(self):
        name = self.luck.choice(HAPPENINGS)
        self.story.append(f"{self.travel.now:%d %H:%M} {name}")
        getattr(self, name)()

    def worker_comes(self):
        self.story.append(f"{self.travel.now:%d %H:%M} -- the worker comes")
        follow_events()
        while perform_due(Lane.MESSAGES):
            pass
        db.session.rollback()
        self.model.handle_webhooks(self.travel.now)

    def schedule(self):
        number = len(self.model.lessons) + 1
        session = self.cast.schedule_at(f"Lesson {number}", self._some_time())
        self.model.lessons[session.id] = Lesson(session.title, session.starts_at)
        self.model.set_time(session.id, self.travel.now)
        self.model.news.append(News("scheduled", session.id))

    def move(self):
        for session in self._some_class():
            self._move_to(session, self._some_time())

    def move_back(self):
        for session in self._some_class():
            if session.id in self.been:
                self._move_to(session, self.been[session.id])

    def rename(self):
        for session in self._some_class():
            old, title = session.title, f"Lesson {session.id} called {self.luck.randrange(10**6)}"
            self._change(session, title=title)
            self.model.lessons[session.id].title = title
            self.model.news.append(News("renamed", session.id, old_title=old))

    def cancel(self):
        for session in self._some_class():
            transaction(cancel, session, "", session.revision, self.cast.admin)
            self.model.lessons[session.id].cancelled = True
            self.model.set_time(session.id, self.travel.now)
            self.model.news.append(News("cancelled", session.id))

    def withdraw(self):
        student, person = self._somebody()
        seat = enrolment_of(self.cast.cohort, person)
        if seat is not None:
            transaction(withdraw, seat, self.cast.admin)
        student.enrolled = False

    def enrol(self):
        student, person = self._somebody()
        transaction(enrol, self.cast.cohort, person, self.cast.admin)
        student.enrolled = True

    def consent(self):
        student, person = self._somebody()
        student.consent = self.luck.random() < 0.6
        transaction(
            record_consent, person.guardians[0], "account", student.consent, self.cast.admin
        )

    def choice(self):
        student, person = self._somebody()
        student.wants_reminders = self.luck.random() < 0.6
        transaction(choose, person, "class_reminders", "email", student.wants_reminders)

    def time_passes(self):
        self.travel.forward(minutes=self.luck.choice([1, 10, 20, 60, 300, 600, 1200]))

    def _some_time(self):
        start = self.travel.now + timedelta(minutes=self.luck.choice([20, 90, 600, 1500, 2000]))
        return start.replace(second=0) + timedelta(minutes=self.luck.randrange(0, 60))

    def _some_class(self):
        alive = [number for number, each in self.model.lessons.items() if not each.cancelled]
        chosen = [self.luck.choice(alive)] if alive else []
        return [db.session.get_one(ClassSession, number) for number in chosen]

    def _somebody(self):
        name = self.luck.choice(sorted(self.people))
        return self.model.students[name], db.session.get_one(Person, self.people[name])

    def _move_to(self, session, start):
        was = session.starts_at
        if start == was:
            return
        self._change(session, starts_at=start)
        self.been[session.id] = was
        self.model.lessons[session.id].starts_at = start
        self.model.set_time(session.id, self.travel.now)
        self.model.news.append(News("moved", session.id, starts_at=start))

    def _change(self, session, **wanted):
        facts = {"title": session.title, "starts_at": session.starts_at, **wanted}
        plan = Plan(description=session.description, duration_minutes=60, host_email=HOST, **facts)
        transaction(change, session, plan, session.revision, self.cast.admin)


def _check(days, mailbox):
    story = "\n".join(days.story)
    addresses = {person: f"{name}@students.example" for name, person in days.people.items()}
    planned = witness.ledger(f"{REMINDERS} AND state = 'planned'")
    promised = [
        (row.rule, int(row.subject.removeprefix("class=")), addresses[row.person_id])
        for row in planned
    ]
    assert sorted(promised) == sorted(days.model.promises(days.travel.now)), story
    # What who joins late is told is no news of a class, and not in the model.
    mails = [mail for mail in mailbox() if not mail["subject"].startswith("Your place in ")]
    sent = Counter((mail["to"], mail["subject"]) for mail in mails)
    assert sent == days.model.mails, story
    ids = Counter(mail["effect_id"] for mail in mailbox())
    assert not ids or max(ids.values()) == 1, story
    silent = witness.ledger(
        "kind = 'email' AND state NOT IN ('planned', 'sent') AND coalesce(reason, '') NOT LIKE '%.'"
    )
    assert silent == [], story
