"""The public blueprint."""

import flask

public = flask.Blueprint("public", __name__)
