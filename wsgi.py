from ffapp.app import create_app
from ffapp.web import logs

logs.configure()
application = create_app()
