"""What students are promised and sent, thought through once more and without the programme's code.

A model: plain values, no database. The test does the same things to it and to the programme.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAY, QUARTER = "class_reminder_24h", "class_reminder_15min"
BEFORE = {DAY: timedelta(hours=24), QUARTER: timedelta(minutes=15)}
HELPS = {DAY: timedelta(hours=6), QUARTER: timedelta(minutes=15)}
LASTS = timedelta(hours=1)


@dataclass
class Student:
    address: str
    enrolled: bool
    consent: bool | None
    wants_reminders: bool = True


@dataclass
class Lesson:
    title: str
    starts_at: datetime
    cancelled: bool = False


@dataclass(frozen=True)
class News:
    """Something happened to a class, and the students are still to hear of it."""

    what: str
    lesson: int
    starts_at: datetime | None = None  # of a move: where to
    old_title: str = ""


Promise = tuple[str, int, str]  # rule, class, address


@dataclass
class Model:
    students: dict[str, Student]
    lessons: dict[int, Lesson] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)  # (address, subject line)
    # Reminders that were planned when somebody last looked: a promise and the start it is for.
    planned: dict[Promise, datetime] = field(default_factory=dict)

    def promises(self, now: datetime) -> set[Promise]:
        """Exactly the reminders that the present state calls for and that are still ahead."""
        return {
            (rule, number, student.address)
            for number, lesson in self.lessons.items()
            for rule, before in BEFORE.items()
            for student in self.students.values()
            if not lesson.cancelled
            and student.enrolled
            and student.wants_reminders
            and lesson.starts_at - before > now
        }

    def set_time(self, number: int, now: datetime) -> None:
        """A class has a time, another one, or none any more: its reminders are planned anew."""
        others = {each: start for each, start in self.planned.items() if each[1] != number}
        anew = {each for each in self.promises(now) if each[1] == number}
        self.planned = others | dict.fromkeys(anew, self.lessons[number].starts_at)

    def handle_webhooks(self, now: datetime) -> None:
        """The worker came: the news is told, what was due is sent, changes of people count."""
        self.mails.update(self._news_mails(now))
        self.mails.update(self._reminder_mails(now))
        self.news.clear()
        self.planned = {each: self.lessons[each[1]].starts_at for each in self.promises(now)}

    def _news_mails(self, now: datetime) -> Iterator[tuple[str, str]]:
        for news in self.news:
            lesson = self.lessons[news.lesson]
            if now >= lesson.starts_at + LASTS:
                continue  # no longer useful
            if lesson.cancelled and news.what != "cancelled":
                continue  # no longer true
            if news.what == "moved" and news.starts_at != lesson.starts_at:
                continue  # it has moved again since
            for student in self._reachable():
                yield student.address, self._subject(news, lesson)

    def _reminder_mails(self, now: datetime) -> Iterator[tuple[str, str]]:
        wanted = {student.address for student in self._reachable() if student.wants_reminders}
        for promise, start in list(self.planned.items()):
            rule, number, address = promise
            due = self._due(promise, start)
            if due > now:
                continue
            del self.planned[promise]
            if now < due + HELPS[rule] and address in wanted:
                yield address, self._reminder(rule, self.lessons[number])

    def _reminder(self, rule: str, lesson: Lesson) -> str:
        if rule == DAY:
            return f"Tomorrow: {lesson.title}, {spell(lesson.starts_at)}"
        return f"In 15 minutes: {lesson.title}"

    def _reachable(self) -> list[Student]:
        return [each for each in self.students.values() if each.enrolled and each.consent]

    def _due(self, promise: Promise, start: datetime) -> datetime:
        return start - BEFORE[promise[0]]

    def _subject(self, news: News, lesson: Lesson) -> str:
        when = spell(lesson.starts_at)
        return {
            "scheduled": f"{lesson.title}: {when}",
            "moved": f"Moved: {lesson.title} is now {when}",
            "renamed": f"{news.old_title} is now called {lesson.title}",
            "cancelled": f"Cancelled: {lesson.title}, {when}",
        }[news.what]


def spell(instant: datetime) -> str:
    """`Sat 6 Dec, 5:00 pm IST`, as people in India read it in 2026."""
    there = instant.astimezone(ZoneInfo("Asia/Kolkata"))
    half = "am" if there.hour < 12 else "pm"
    return f"{there:%a} {there.day} {there:%b}, {there.hour % 12 or 12}:{there:%M} {half} IST"
