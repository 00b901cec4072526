import os

from ffapp import error_reports
from ffapp.app import create_app
from ffapp.providers.registry import read_settings
from ffapp.web import logs

settings = read_settings(os.environ)
logs.configure(settings.log_level)
error_reports.start(settings.sentry_dsn)
application = create_app(settings)
