"""The public door."""

import flask

public = flask.Blueprint("public", __name__)
