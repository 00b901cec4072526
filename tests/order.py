"""Run the slowest tests first, so that a run does not end with one process at a long test.

Tests that drive a browser or processes of their own are marked `slow`: here, by the fixtures that
they ask for, or by `pytestmark` in their file.
"""

import itertools
import os
from collections.abc import Iterator

import pytest

BROWSER, PROCESSES = {"chromium"}, {"servers", "own_app", "small_database"}


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _asks_for(item, BROWSER | PROCESSES):
            item.add_marker("slow")
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = _order(items, workers)


def _order(items: list[pytest.Item], workers: int) -> Iterator[pytest.Item]:
    """xdist deals out equal shares in this order; who is done takes from the others' ends.

    The first share begins with the journeys (one running app and one browser serve them all), the
    second with the other slow tests.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    quick = iter([item for item in items if item not in slow])
    browser = [item for item in slow if _asks_for(item, BROWSER)]
    for first in (browser, [item for item in slow if item not in browser]):
        yield from first
        yield from itertools.islice(quick, max(0, len(items) // workers - len(first)))
    yield from quick


def _asks_for(item: pytest.Item, fixtures: set[str]) -> bool:
    return not fixtures.isdisjoint(getattr(item, "fixturenames", ()))
