"""The longest first: tests that drive whole processes begin at once, each kind in a test process of
its own. At the end all have short ones left, which they take from each other.
"""

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = _shares(items, workers)


def _shares(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """xdist deals out equal shares, in order: each kind of long ones is to begin one of them."""
    journeys, others, short = list[pytest.Item](), list[pytest.Item](), list[pytest.Item]()
    for item in items:
        if "house" not in getattr(item, "fixturenames", ()):
            short.append(item)
        elif "journeys" in item.path.parts:
            journeys.append(item)
        else:
            others.append(item)
    share = len(items) // workers
    ordered: list[pytest.Item] = []
    for long in (journeys, others):
        room = max(0, share - len(long))
        ordered += [*long, *short[:room]]
        short = short[room:]
    return ordered + short
