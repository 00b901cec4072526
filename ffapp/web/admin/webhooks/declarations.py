"""What webhooks add to what all domains share."""

from ffapp.web.admin.webhooks.alerts import ALERTS
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import just
from ffapp.web.navigation import Entry

DOMAIN = Domain(
    navigation=Entry("Webhooks", "admin.webhook_index", "zap"),
    sentences={"webhook_replayed": just("had it handled once more")},
    subjects=(Subject(table="webhook_deliveries", page=("admin.webhook_show", "webhook_id")),),
    alerts=ALERTS,
)
