"""The domains of the admin, one line each, in the order of the navigation."""

from ffapp.web.admin.attendance import declarations as attendance
from ffapp.web.admin.classes import declarations as classes
from ffapp.web.admin.cohorts import declarations as cohorts
from ffapp.web.admin.messages import declarations as messages
from ffapp.web.admin.people import declarations as people
from ffapp.web.admin.recordings import declarations as recordings
from ffapp.web.admin.settings import declarations as settings
from ffapp.web.admin.today import declarations as today
from ffapp.web.admin.webhooks import declarations as webhooks

DOMAINS = (
    today.DOMAIN,
    classes.DOMAIN,
    recordings.DOMAIN,
    attendance.DOMAIN,
    cohorts.DOMAIN,
    people.DOMAIN,
    messages.DOMAIN,
    webhooks.DOMAIN,
    settings.DOMAIN,
)
