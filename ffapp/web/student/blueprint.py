"""The student door."""

import flask

student = flask.Blueprint("student", __name__)
