"""What attendance adds to what all domains share."""

from ffapp.web.admin.attendance.alerts import ALERTS
from ffapp.web.admin.attendance.sentences import SENTENCES
from ffapp.web.kit.domains import Domain

DOMAIN = Domain(sentences=SENTENCES, alerts=ALERTS)
