"""Fixtures of the door's tests: also the real one, over a socket."""

from tests.processes.fixtures import house, servers

__all__ = ["house", "servers"]
