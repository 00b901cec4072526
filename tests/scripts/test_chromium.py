"""scripts/chromium: which one it takes, and what it says where there is none to take."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.child import ROOT

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="a Mac's /Applications cannot be put elsewhere"
)

NEEDED = ("sh", "dirname", "ls", "timeout", "chmod")
# Debian's package, as a machine with a network has it.
INSTALLS = """echo "apt-get $*" >>"$HOME/asked"
new=${0%/*}/chromium
case "$*" in *install*) printf '#!/bin/sh\\n' >"$new" && chmod +x "$new" ;; esac
"""
FAILS = 'echo "apt-get $*" >>"$HOME/asked"; exit 100'
PLAYWRIGHT_FAILS = 'echo "playwright $*" >>"$HOME/asked"; exit 1'


class Machine:
    """A copy of the script where PATH, HOME and the checkout hold only what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.bin = folder / "bin"
        self.checkout = folder / "checkout"
        for each in (self.home, self.bin, self.checkout / "scripts"):
            each.mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "chromium", self.checkout / "scripts")
        for name in NEEDED:
            (self.bin / name).symlink_to(shutil.which(name))

    def has(self, name: str, script: str) -> Path:
        """Put this shell script on PATH, or where `name` says inside of the checkout."""
        path = (self.checkout if "/" in name else self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def look(self, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self.checkout / "scripts" / "chromium"],
            env={"PATH": str(self.bin), "HOME": str(self.home), **environment},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    @property
    def asked(self) -> list[str]:
        """What the installers were asked."""
        path = self.home / "asked"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path):
    """A machine without a Chromium, on which we are an ordinary user."""
    machine = Machine(tmp_path)
    machine.has("id", "echo 1000")
    return machine


def assert_told_what_to_do(result):
    assert result.returncode == 1
    assert result.stdout == ""
    said = " ".join(result.stderr.split())
    assert "found no Chromium and could not install one" in said
    assert "apt-get install chromium" in said
    assert "make test CHROMIUM=/path/to/chromium" in said


def test_where_nothing_can_be_installed_it_says_what_to_do(machine):
    assert_told_what_to_do(machine.look())


def test_where_both_installers_fail_it_says_what_to_do(machine):
    machine.has("id", "echo 0")
    machine.has("apt-get", FAILS)
    machine.has(".venv/bin/playwright", PLAYWRIGHT_FAILS)

    assert_told_what_to_do(machine.look())

    update, install, download = machine.asked
    assert update.startswith("apt-get update")
    assert install.startswith("apt-get install --no-install-recommends chromium")
    assert download == "playwright install chromium"


def test_an_ordinary_user_without_sudo_is_not_asked_for_a_password(machine):
    machine.has("sudo", '[ "$1" = -n ] || echo "sudo asks" >>"$HOME/asked"; exit 1')
    machine.has("apt-get", FAILS)

    assert_told_what_to_do(machine.look())

    assert machine.asked == []


def test_as_root_the_package_is_installed_and_its_path_printed(machine):
    machine.has("id", "echo 0")
    machine.has("apt-get", INSTALLS)

    result = machine.look()

    assert (result.returncode, result.stdout) == (0, f"{machine.bin / 'chromium'}\n")
    assert "once, about 110 MB" in result.stderr


def test_one_that_runs_is_taken_and_one_that_does_not_is_passed_over(machine):
    machine.has("chromium", "echo 'install the snap' >&2; exit 1")
    runs = machine.has("google-chrome", "echo 'Chromium 140'")

    result = machine.look()

    assert (result.returncode, result.stdout, result.stderr) == (0, f"{runs}\n", "")


def test_playwrights_own_is_found_in_its_cache(machine):
    runs = machine.has("google-chrome", "true")
    cached = machine.home / ".cache" / "ms-playwright" / "chromium-1" / "chrome-linux" / "chrome"
    cached.parent.mkdir(parents=True)
    runs.rename(cached)

    assert machine.look().stdout == f"{cached}\n"


def test_one_that_is_named_but_does_not_run_is_told_and_no_other_is_taken(machine):
    machine.has("chromium", "true")

    result = machine.look(CHROMIUM="/nowhere/chromium")

    assert (result.returncode, result.stdout) == (1, "")
    assert "CHROMIUM is /nowhere/chromium, but that does not run" in result.stderr


def test_make_test_ends_where_there_is_no_chromium():
    asked = ["make", "--dry-run", "--no-print-directory", "test"]
    recipe = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert "CHROMIUM=$(scripts/chromium) && export CHROMIUM && " in recipe
