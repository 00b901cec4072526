"""The simulators' control pages."""

import pytest
from flask.testing import FlaskClient

from ffapp import simulators
from ffapp.core import config


@pytest.fixture
def pages(settings: config.Settings) -> FlaskClient:
    """The control pages alone, as they are without the programme around them."""
    return simulators.create_control(settings).test_client()
