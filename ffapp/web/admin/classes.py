"""The class that an address names."""

import flask

from ffapp.classes.models import ClassSession
from ffapp.db import db
from ffapp.web import listing


def class_or_404(class_id: int) -> ClassSession:
    """The class of an address."""
    session = db.session.get(ClassSession, class_id) if class_id <= listing.LARGEST else None
    return session or flask.abort(404)
