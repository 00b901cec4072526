"""The student blueprint."""

import flask

student = flask.Blueprint("student", __name__)
