"""The whole suite ought to take ten minutes on two cores: a run that took longer says so.

A machine that does other things beside it is slower; a run of more than fifteen minutes fails. A
run of single files, or of some tests only, has no limit.
"""

import time
from pathlib import Path

import pytest

LIMIT_SECONDS, FAILS_AFTER_SECONDS = 600, 900
FOLDER = Path(__file__).parent
NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "collectonly")
_began = time.monotonic()


def pytest_sessionfinish(session: pytest.Session) -> None:
    ok = session.exitstatus == pytest.ExitCode.OK
    if ok and _took_longer_than(FAILS_AFTER_SECONDS, session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if _took_longer_than(LIMIT_SECONDS, config):
        took = time.monotonic() - _began
        terminalreporter.section("too slow", red=True)
        terminalreporter.line(
            f"The whole suite took {took:.0f} s; it ought to take {LIMIT_SECONDS} s on two cores."
            " The slowest tests are listed above."
        )


def _took_longer_than(seconds: float, config: pytest.Config) -> bool:
    in_charge = not hasattr(config, "workerinput")  # xdist's workers run a part each
    return in_charge and is_whole(config) and time.monotonic() - _began > seconds


def is_whole(config: pytest.Config) -> bool:
    """Whether this run was asked for everything in tests/."""
    asked = [(config.invocation_params.dir / argument).resolve() for argument in config.args]
    return asked == [FOLDER] and not any(config.getoption(name, None) for name in NARROWING)
