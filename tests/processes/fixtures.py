"""The fixtures `running_app` and `workers`; import both where real processes are needed."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ffapp.providers.simulating import store
from tests.processes.running_app import RunningApp


@pytest.fixture(scope="session")
def servers(
    app: object, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApp]:
    """Simulators and web on the xdist worker's own database, once for all its tests."""
    with RunningApp(database_url, tmp_path_factory.mktemp("running_app")) as running_app:
        yield running_app.open()


@pytest.fixture
def running_app(
    request: pytest.FixtureRequest, context: None, servers: RunningApp, tmp_path: Path
) -> Iterator[RunningApp]:
    """Real simulators, a real web, and workers as the test starts them.

    The workers end before the rows are deleted; what all of them said is shown when it fails.
    Simulators that are slow at the end are started anew: what waits in them would still act, and
    its rows would stand in the journal of another test.
    """
    servers.folder = tmp_path
    failed_before = request.session.testsfailed
    yield servers
    if request.session.testsfailed > failed_before:
        sys.stdout.write(servers.logs())
    servers.end_workers()
    if any(_is_slow(provider) for provider in ("sendgrid", "zoom")):
        servers.restart("simulators")


def _is_slow(provider: str) -> bool:
    return store.switch(provider, "fault", {}).get("kind") == "slow"
