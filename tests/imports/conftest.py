"""Fixtures of the imports' tests."""

from tests.processes.fixtures import running_app, servers

__all__ = ["running_app", "servers"]
