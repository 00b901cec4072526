"""The whole suite takes at most ten minutes on two cores: a run that took longer fails.

A run of single files, or of some tests only, has no limit.
"""

import time
from pathlib import Path

import pytest

LIMIT_SECONDS = 600
FOLDER = Path(__file__).parent
NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "collectonly")
_began = time.monotonic()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK and _took_too_long(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if _took_too_long(config):
        took = time.monotonic() - _began
        terminalreporter.section("too slow", red=True)
        terminalreporter.line(
            f"The whole suite took {took:.0f} s; it may take {LIMIT_SECONDS} s on two cores."
            " The slowest tests are listed above."
        )


def _took_too_long(config: pytest.Config) -> bool:
    in_charge = not hasattr(config, "workerinput")  # xdist's workers run a part each
    return in_charge and is_whole(config) and time.monotonic() - _began > LIMIT_SECONDS


def is_whole(config: pytest.Config) -> bool:
    """Whether this run was asked for everything in tests/."""
    asked = [(config.invocation_params.dir / argument).resolve() for argument in config.args]
    return asked == [FOLDER] and not any(config.getoption(name, None) for name in NARROWING)
