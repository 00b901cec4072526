"""Who asks for a reset link. Asking writes the same for every address, so that the time it takes
does not tell whether somebody has an account; a job answers afterwards.
"""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock
from ffapp.core.db import Row, db
from ffapp.core.jobs import URGENT, defer, queue
from ffapp.people.invite import request_reset


class ResetRequest(Row, db.Model):
    """Stands only until its job has answered."""

    __tablename__ = "reset_requests"

    email: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


def ask_for_reset(email: str) -> None:
    """Ask for a reset link for that address, whether or not anybody has it."""
    request = ResetRequest(email=email, at=clock.now())
    db.session.add(request)
    db.session.flush()
    defer(answer, request_id=request.id)


@queue.task(name="people.answer_reset_request", queue=URGENT)
def answer(request_id: int) -> None:
    """Send a reset link when the address is known."""
    request = db.session.get(ResetRequest, request_id)
    if request is not None:
        request_reset(request.email)
        db.session.delete(request)
        db.session.commit()
