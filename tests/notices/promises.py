"""A small model of what is promised to whom, and a driver that plays the same in the programme."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import text

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, cancel, change
from ffapp.core import clock, events
from ffapp.core.db import db, transaction
from ffapp.ledger import perform
from ffapp.ledger.models import Effect, Lane
from ffapp.notifications.choices import choose
from ffapp.people.consent_records import record_consent
from ffapp.people.models import Person
from ffapp.programme.enrol import enrol, enrolment_of, withdraw

# rule → (how long before the start, how long it helps), as the programme promises it to families
RULES = {
    "class_reminder_24h": (timedelta(hours=24), timedelta(hours=6)),
    "class_reminder_15min": (timedelta(minutes=15), timedelta(minutes=15)),
}
CHANNELS = ("email", "whatsapp")
STUDENTS = ("asha", "ravi", "kabir", "meera")
# Class, start, rule, student and channel of a reminder.
Promise = tuple[int, datetime, str, str, str]


class Model:
    """What ought to be, from the words alone."""

    def __init__(self, now: datetime, enrolled: set[str], agreed: set[tuple[str, str]]) -> None:
        self.now = now
        self.classes: dict[int, datetime | None] = {}  # None: cancelled
        self.enrolled = enrolled
        self.agreed = agreed  # (student, purpose)
        self.declined: set[tuple[str, str]] = set()  # (student, channel)
        self.sent: set[Promise] = set()

    def planned(self) -> set[Promise]:
        """Each reminder that is still to come."""
        return {
            (number, start, rule, name, channel)
            for number, start in self.classes.items()
            if start is not None
            for rule, (before, _) in RULES.items()
            if start - before > self.now
            for name in self.enrolled
            for channel in CHANNELS
            if (name, channel) not in self.declined
        }

    def may_go(self, name: str, channel: str) -> bool:
        """WhatsApp needs a word of its own, beside that about messages on classes."""
        needed = {"account"} if channel == "email" else {"account", "whatsapp"}
        return all((name, purpose) in self.agreed for purpose in needed)

    def passes(self, until: datetime) -> None:
        for promise in self.planned():
            _, start, rule, name, channel = promise
            before, helps = RULES[rule]
            if start - before <= until < start - before + helps and self.may_go(name, channel):
                self.sent.add(promise)
        self.now = until


class Player:
    """Plays operations in the programme and in the model alike."""

    def __init__(self, cast, travel, seed: int) -> None:
        self.cast, self.travel = cast, travel
        self.chance = random.Random(seed)
        agreed = {
            (name, purpose)
            for name in ("asha", "ravi", "meera")
            for purpose in ("account", "whatsapp")
        }
        self.model = Model(travel.now, {"asha", "ravi", "kabir"}, agreed)
        for number, name in enumerate(STUDENTS):
            getattr(cast, name).phone = f"+9198765000{number:02}"
        self.before: dict[int, datetime] = {}

    def person(self, number: int) -> tuple[str, Person]:
        name = STUDENTS[number % 4]
        return name, getattr(self.cast, name)

    def class_of(self, number: int) -> ClassSession | None:
        alive = [each for each, start in self.model.classes.items() if start is not None]
        return db.session.get(ClassSession, alive[number % len(alive)]) if alive else None

    def schedule(self, number: int) -> None:
        starts_at = self.model.now + timedelta(hours=1 + 7 * number, minutes=number)
        made = self.cast.schedule_at(f"Class {number}", starts_at)
        self.model.classes[made.id] = starts_at

    def _change(self, number: int, **changed: object) -> None:
        session = self.class_of(number)
        if session is None:
            return
        was = session.starts_at
        wanted = Plan(session.title, "", was, session.duration_minutes, session.zoom_host_email)
        wanted = replace(wanted, **changed)
        transaction(change, session, wanted, session.revision, self.cast.admin)
        if wanted.starts_at != was:
            self.before[session.id] = was
        self.model.classes[session.id] = wanted.starts_at

    def move(self, number: int) -> None:
        self._change(number, starts_at=self.model.now + timedelta(hours=2 + 9 * number))

    def move_back(self, number: int) -> None:
        session = self.class_of(number)
        if session is not None and session.id in self.before:
            self._change(number, starts_at=self.before[session.id])

    def rename(self, number: int) -> None:
        self._change(number, title=f"Another {self.chance.random():.5f}")

    def cancel(self, number: int) -> None:
        session = self.class_of(number)
        if session is not None:
            transaction(cancel, session, "", session.revision, self.cast.admin)
            self.model.classes[session.id] = None

    def withdraw(self, number: int) -> None:
        name, person = self.person(number)
        enrolment = enrolment_of(self.cast.cohort, person)
        if enrolment is not None:
            transaction(withdraw, enrolment, self.cast.admin)
        self.model.enrolled.discard(name)

    def enrol(self, number: int) -> None:
        name, person = self.person(number)
        transaction(enrol, self.cast.cohort, person, self.cast.admin)
        self.model.enrolled.add(name)

    def consent(self, number: int) -> None:
        name, person = self.person(number)
        agrees, purpose = number % 2 == 0, "whatsapp" if number > 5 else "account"
        transaction(record_consent, person.guardians[0], purpose, agrees, self.cast.admin)
        (self.model.agreed.add if agrees else self.model.agreed.discard)((name, purpose))

    def choice(self, number: int) -> None:
        name, person = self.person(number)
        wanted, channel = number % 2 == 1, "whatsapp" if number > 5 else "email"
        transaction(choose, person, "class_reminders", channel, wanted)
        declined = self.model.declined
        (declined.discard if wanted else declined.add)((name, channel))

    def time_passes(self, number: int) -> None:
        self.run_all()
        until = self.model.now + timedelta(minutes=7 + 50 * number)
        self.model.passes(until)
        self.travel.to(until)
        self.run_all()

    def run_all(self) -> None:
        """Run every listener that waits, in any order, and then perform what is due."""
        self.follow()
        for lane in Lane:
            while perform.perform_next(lane) is not None:
                pass
        self.follow()

    def follow(self) -> None:
        rows = db.session.execute(
            text("SELECT id, args FROM procrastinate_jobs WHERE task_name = 'events.follow'")
        ).all()
        db.session.execute(text("DELETE FROM procrastinate_jobs"))
        db.session.commit()
        self.chance.shuffle(rows)
        for row in rows:
            events.run_listener(**row.args)


def reminders(state: str, cast) -> set[Promise]:
    """The programme's reminders in that state, as the model names them."""
    names = {getattr(cast, name).id: name for name in STUDENTS}
    rows = db.session.scalars(
        db.select(Effect).where(Effect.rule.in_(RULES), Effect.state == state)
    )
    return {
        (
            row.payload["class_id"],
            datetime.fromisoformat(row.payload["starts_at"]),
            row.rule,
            names[row.person_id],
            row.kind,
        )
        for row in rows
    }


def standing_clock(travel) -> None:
    """Start at a full minute, so that nothing falls exactly on an edge."""
    travel.to(clock.wall().replace(second=0, microsecond=0))
