import os

from ffapp import config
from ffapp.app import create_app
from ffapp.web import logs

settings = config.read(os.environ)
logs.configure(settings.log_level)
application = create_app(settings)
