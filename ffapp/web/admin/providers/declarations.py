"""What the providers' pages add to what all domains share."""

from ffapp.web.kit.domains import Domain
from ffapp.web.navigation import Entry

DOMAIN = Domain(navigation=Entry("Providers", "admin.provider_index", "link"))
