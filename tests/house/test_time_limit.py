"""A run of the whole suite that takes too long fails, as another pytest shows on two tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import time_limit

ROOT = Path(__file__).parents[2]
# Another folder has the hooks of ours, and a limit of its own.
CONFTEST = """
from pathlib import Path
from tests import time_limit
from tests.time_limit import pytest_sessionfinish, pytest_terminal_summary
time_limit.FOLDER = Path(__file__).parent
time_limit.LIMIT_SECONDS, time_limit.FAILS_AFTER_SECONDS = {seconds}, {fails}
"""
TOO_SLOW = "it ought to take 0 s on two cores"


@pytest.fixture
def suite(tmp_path):
    """Runs `pytest` with these arguments beside a folder `tests` with two tests."""
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_two.py").write_text("def test_one(): pass\ndef test_other(): pass\n")

    def run(*arguments, seconds, fails=0):
        words = CONFTEST.format(seconds=seconds, fails=fails)
        (folder / "conftest.py").write_text(words)
        plain = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
            cwd=tmp_path,
            env={**plain, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert " passed" in done.stdout, done.stdout + done.stderr
        return done

    return run


@pytest.mark.parametrize("arguments", [("tests",), ("-n", "1", "tests")])
def test_the_whole_suite_over_the_limit_fails_and_says_so(suite, arguments):
    done = suite(*arguments, seconds=0)

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert done.stdout.count(TOO_SLOW) == 1


def test_between_the_two_limits_it_says_so_and_passes(suite):
    done = suite("tests", seconds=0, fails=900)

    assert done.returncode == pytest.ExitCode.OK
    assert done.stdout.count(TOO_SLOW) == 1


def test_the_whole_suite_within_the_limit_passes(suite):
    done = suite("tests", seconds=600, fails=900)

    assert done.returncode == pytest.ExitCode.OK
    assert "too slow" not in done.stdout


@pytest.mark.parametrize("narrow", [("tests", "-k", "one"), ("tests/test_two.py",)])
def test_some_tests_may_take_their_time(suite, narrow):
    done = suite(*narrow, seconds=0)

    assert done.returncode == pytest.ExitCode.OK
    assert "too slow" not in done.stdout


def test_the_limits_are_ten_and_fifteen_minutes_and_hang_on_this_run(request):
    assert (time_limit.LIMIT_SECONDS, time_limit.FAILS_AFTER_SECONDS) == (600, 900)
    hooks = request.config.pluginmanager.hook.pytest_sessionfinish.get_hookimpls()
    assert time_limit.pytest_sessionfinish in {each.function for each in hooks}
