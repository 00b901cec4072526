"""What classes add to what all domains share."""

from ffapp.classes.models import ClassSession
from ffapp.web.admin.classes.alerts import ALERTS
from ffapp.web.admin.classes.sentences import SENTENCES
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.subjects import Subject
from ffapp.web.navigation import Entry

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
        ),
    ),
    alerts=ALERTS,
)
