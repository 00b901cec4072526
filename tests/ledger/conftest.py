"""Fixtures of the ledger's tests."""

from collections.abc import Iterator

import pytest

from tests.ledger.parcels import Parcels, carrying
from tests.processes.fixtures import running_app, servers

__all__ = ["running_app", "servers"]


@pytest.fixture
def parcels(context: None) -> Iterator[Parcels]:
    """An act of the tests' own, one at a time."""
    with carrying(Parcels()) as parcels:
        yield parcels


@pytest.fixture
def many_parcels(context: None) -> Iterator[Parcels]:
    """The same, of which one call takes up to eight."""
    with carrying(Parcels(batch_size=8)) as parcels:
        yield parcels


@pytest.fixture
def mute_parcels(context: None) -> Iterator[Parcels]:
    """The same, of a carrier that cannot be asked."""
    with carrying(Parcels(can_be_asked=False)) as parcels:
        yield parcels
