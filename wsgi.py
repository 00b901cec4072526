import os

from ffapp import config, error_reports
from ffapp.app import create_app
from ffapp.web import logs

settings = config.read(os.environ)
logs.configure(settings.log_level)
error_reports.start(settings.sentry_dsn)
application = create_app(settings)
