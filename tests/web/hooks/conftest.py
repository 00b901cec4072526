"""Fixtures of the webhook tests: also the real one, over a socket."""

from tests.processes.fixtures import running_app, servers

__all__ = ["running_app", "servers"]
