"""What the settings add to what all domains share."""

from ffapp.web.admin import changed_facts
from ffapp.web.kit.domains import Domain
from ffapp.web.navigation import Entry

DOMAIN = Domain(
    navigation=Entry("Settings", "admin.settings_edit", "sliders-horizontal"),
    sentences={"settings_changed": changed_facts.changed},
)
