"""Fixtures of the ledger's tests."""

from tests.processes.fixtures import house, servers

__all__ = ["house", "servers"]
