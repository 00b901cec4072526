"""What messages add to what all domains share."""

from ffapp.messaging.models import Announcement
from ffapp.web.admin.messages.alerts import ALERTS
from ffapp.web.admin.messages.sentences import SENTENCES
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.subjects import Subject
from ffapp.web.navigation import Entry

DOMAIN = Domain(
    navigation=Entry("Messages", "admin.message_index", "send"),
    sentences=SENTENCES,
    subjects=(
        Subject(
            table="announcements",
            kind="announcement",
            page=("admin.announcement_show", "announcement_id"),
            label=Announcement.subject_line,
            quoted=True,
        ),
        Subject(table="effects", page=("admin.message_show", "message_id")),
    ),
    alerts=ALERTS,
)
