"""What classes add to what all domains share."""

from typing import Any

from sqlalchemy import Select, func, select

from ffapp.classes.models import ClassSession
from ffapp.programme.models import Cohort
from ffapp.web.admin.classes.alerts import ALERTS
from ffapp.web.admin.classes.sentences import SENTENCES
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.search import begins_first, contains, some_of, spell_instant
from ffapp.web.kit.subjects import Subject
from ffapp.web.navigation import Entry


def search_classes(words: str) -> Select[Any]:
    """Classes by title, the newest first."""
    when = spell_instant(ClassSession.starts_at, ClassSession.time_zone)
    detail = func.concat(Cohort.name, " · ", when)
    return (
        select(ClassSession.id, ClassSession.title.label("title"), detail.label("detail"))
        .join(Cohort, Cohort.id == ClassSession.cohort_id)
        .where(some_of(ClassSession, contains(words, ClassSession.title)))
        .order_by(
            begins_first(words, ClassSession.title),
            ClassSession.starts_at.desc(),
            ClassSession.id,
        )
    )


DOMAIN = Domain(
    navigation=Entry("Classes", "admin.class_index", "video"),
    sentences=SENTENCES,
    subjects=(
        Subject(
            table="sessions",
            kind="class",
            page=("admin.class_show", "class_id"),
            label=ClassSession.title,
            quoted=True,
            noun="Classes",
            search=search_classes,
        ),
    ),
    alerts=ALERTS,
)
