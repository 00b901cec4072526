"""What Today adds to what all domains share."""

from ffapp.web.admin.today.alerts import ALERTS
from ffapp.web.kit.domains import Domain
from ffapp.web.navigation import Entry

DOMAIN = Domain(navigation=Entry("Today", "admin.today", "house"), alerts=ALERTS)
