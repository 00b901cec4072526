"""The admin's blueprint."""

import flask

admin = flask.Blueprint("admin", __name__, url_prefix="/admin")
