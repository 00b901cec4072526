"""Fixtures of the imports' tests."""

from tests.processes.fixtures import house, servers

__all__ = ["house", "servers"]
