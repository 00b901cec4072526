"""Where a private Postgres may live, and as which user it runs: it refuses to run as root."""

import contextlib
import hashlib
import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

FALLBACKS = (Path("/var/tmp"), Path(tempfile.gettempdir()))


class PostgresUnavailable(RuntimeError):
    """No private Postgres can run here; the message says why and what to do."""


class Account(NamedTuple):
    """A user of this machine, as whom the server runs when we are root."""

    name: str
    uid: int
    gid: int


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
) -> tuple[Path, str | None]:
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
            moved = f"The database lives in {home}, because {problems[0]}." if problems else None
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
