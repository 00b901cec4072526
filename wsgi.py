import os

from ffapp.app import create_app
from ffapp.core import config, error_reports, logs

settings = config.read(os.environ)
logs.configure(settings.log_level)
error_reports.start(settings.sentry_dsn)
application = create_app(settings)
