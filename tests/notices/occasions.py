"""Occasions on which people are told something, one for each text that a notice can become."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, cancel, change, schedule
from ffapp.classes.series import schedule_weekly
from ffapp.classes.undoable import cancel_many
from ffapp.core.db import db, transaction
from ffapp.messaging.announce import announce
from ffapp.notices.kit import bells
from ffapp.people import come_of_age
from ffapp.people.guardian_codes import request_code
from ffapp.people.guardian_requests import ask_guardian
from ffapp.people.invite import invite, request_reset
from ffapp.people.models import Consent, Guardian
from ffapp.programme.enrol import enrol
from ffapp.programme.models import Enrolment
from tests.cast import HOST, Cast
from tests.zoom_posts import ended, post, recorded

GUARDIAN = {"email": "farah@home.example", "phone": "+919876500077"}
NOW = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)  # noon in India
STARTS = datetime(2026, 12, 5, 11, 30, tzinfo=UTC)
ODD_TITLE = "R&D <b>मूल्य</b> -when- {{ title }} **bold** [x](http://evil.example)"
DESCRIPTION = "Bring a calculator.\nRead chapter 3 & 4 <first>.\n\n# See https://a.example/?b=1"


@dataclass
class Scene:
    """What an occasion needs: the people, the clock, a browser for webhooks, a worker."""

    cast: Cast
    travel: Any
    client: Any
    worker: Any

    def schedule(self, title: str = "Pricing", description: str = "") -> ClassSession:
        """A class whose own notices have gone."""
        wanted = Plan(title, description, STARTS, 60, HOST)
        session = transaction(schedule, self.cast.cohort, wanted, self.cast.admin)
        self.worker.drain()
        db.session.refresh(session)
        return session

    def change(self, session: ClassSession, **changed: Any) -> None:
        wanted = {
            "title": session.title,
            "description": session.description,
            "starts_at": session.starts_at,
            "duration_minutes": 60,
            "host_email": HOST,
        }
        transaction(change, session, Plan(**{**wanted, **changed}), 1, self.cast.admin)

    def series(self, description: str = "") -> list[ClassSession]:
        plans = [
            Plan(f"Week {n} & more", description, STARTS + timedelta(weeks=n - 1), 60, HOST)
            for n in (1, 2, 3)
        ]
        return transaction(schedule_weekly, self.cast.cohort, plans, self.cast.admin)

    def cancel_series(self, because: str) -> None:
        sessions = self.series()
        self.worker.drain()
        for session in sessions:
            db.session.refresh(session)
        revisions = {each.id: each.revision for each in sessions}
        transaction(cancel_many, revisions, because, self.cast.admin)
        self.worker.drain()  # it is planned, and held back for a minute
        self.travel.forward(minutes=2)

    def remind(self, **before: float) -> None:
        session = self.schedule()
        self.travel.to(session.starts_at - timedelta(**before))
        bells.ring_reminders(0)

    def record(self) -> None:
        session = self.schedule()
        until = session.starts_at + timedelta(hours=1)
        self.travel.to(until)
        post(self.client, ended(session.zoom_meeting_id, session.starts_at, until))
        post(self.client, recorded(session.zoom_meeting_id, session.starts_at, until))

    def enrol_late(self) -> None:
        """Ravi was not there yet when the classes were scheduled."""
        db.session.execute(delete(Enrolment).where(Enrolment.person_id == self.cast.ravi.id))
        self.series()
        self.worker.drain()
        self.travel.forward(seconds=1)
        transaction(enrol, self.cast.cohort, self.cast.ravi, self.cast.admin)

    def announce(self) -> None:
        body = "Hello {{ first_name }},\n\nsee <you> soon:\nhttps://a.example/?b=1&c=2.\n\nV."
        people = [self.cast.asha, self.cast.ravi]
        transaction(announce, "Bring & buy, {{ first_name }}", body, people, self.cast.admin)
        self.travel.forward(minutes=2)

    def guardian(self) -> Guardian:
        """Of Kabir, for whom no message of its own is sent."""
        (guardian,) = self.cast.kabir.guardians
        guardian.email, guardian.phone = GUARDIAN["email"], GUARDIAN["phone"]
        db.session.commit()
        return guardian

    def remind_guardian(self) -> None:
        guardian = self.guardian()
        db.session.execute(delete(Consent).where(Consent.guardian_id == guardian.id))
        transaction(ask_guardian, guardian, self.cast.admin)
        self.worker.drain()
        self.travel.forward(days=1)
        transaction(ask_guardian, guardian, self.cast.admin)

    def send_code(self) -> None:
        guardian = self.guardian()
        transaction(request_code, guardian, "whatsapp", {"account": True})
        self.worker.drain()
        self.travel.forward(minutes=2)
        transaction(request_code, guardian, "email", {"account": True})

    def come_of_age(self) -> None:
        self.cast.ravi.born_on = NOW.date().replace(year=NOW.year - 18)
        db.session.commit()
        come_of_age.come_of_age(timestamp=0)


OCCASIONS: dict[str, Callable[[Scene], object]] = {
    "class_scheduled": lambda scene: scene.schedule(),
    "class_scheduled_described": lambda scene: scene.schedule(description=DESCRIPTION),
    "class_scheduled_oddly_named": lambda scene: scene.schedule(ODD_TITLE),
    "class_moved": lambda scene: scene.change(
        scene.schedule(), starts_at=STARTS + timedelta(days=1)
    ),
    "class_moved_longer": lambda scene: scene.change(scene.schedule(), duration_minutes=90),
    "class_moved_renamed_longer": lambda scene: scene.change(
        scene.schedule(), title="Prices", starts_at=STARTS + timedelta(days=1), duration_minutes=90
    ),
    "class_renamed": lambda scene: scene.change(scene.schedule(), title="Prices & “more”"),
    "class_cancelled": lambda scene: transaction(cancel, scene.schedule(), "", 1, scene.cast.admin),
    "class_cancelled_with_reason": lambda scene: transaction(
        cancel, scene.schedule(), "The teacher is <ill> & away", 1, scene.cast.admin
    ),
    "class_reminder_24h": lambda scene: scene.remind(hours=24),
    "class_reminder_15min": lambda scene: scene.remind(minutes=15),
    "class_reminder_15min_too_early_to_join": lambda scene: scene.remind(minutes=15),
    "recording_available": Scene.record,
    "classes_scheduled": lambda scene: scene.series(),
    "classes_scheduled_described": lambda scene: scene.series(DESCRIPTION),
    "classes_cancelled": lambda scene: scene.cancel_series(""),
    "classes_cancelled_with_reason": lambda scene: scene.cancel_series("Holidays & <more>"),
    "enrolled": Scene.enrol_late,
    "invitation": lambda scene: transaction(invite, scene.cast.asha, scene.cast.admin),
    "reset": lambda scene: transaction(request_reset, scene.cast.asha.email),
    "announcement": Scene.announce,
    "guardian_request": lambda scene: transaction(ask_guardian, scene.guardian(), scene.cast.admin),
    "guardian_reminder": Scene.remind_guardian,
    "guardian_code": Scene.send_code,
    "own_consent": Scene.come_of_age,
}
