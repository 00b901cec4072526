import os

import flask

from ffapp.app import add_migrations, create_app
from ffapp.core import error_reports, logs
from ffapp.people.demo import refuse_demo_accounts
from ffapp.providers.registry import read_settings

settings = read_settings(os.environ)
logs.configure(settings.log_level)
error_reports.start(settings.sentry_dsn)
application = create_app(settings)
with application.app_context():
    refuse_demo_accounts(settings)


def migrations() -> flask.Flask:
    """For `flask --app wsgi:migrations db upgrade`."""
    return add_migrations(application)
