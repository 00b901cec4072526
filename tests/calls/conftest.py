"""Asha can be called, and it is noon in India."""

from tests.calls.calling import call, noon, slow_bolna  # noqa: F401
