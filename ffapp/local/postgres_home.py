"""Where a private Postgres may live, and as whom it runs: it refuses to run as root."""

import hashlib
import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FALLBACKS = (Path("/var/tmp"), Path(tempfile.gettempdir()))


class PostgresUnavailable(RuntimeError):
    """No private Postgres can run here; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """A user of this machine, in whose name the server runs when we are root."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """`postgres`, else `nobody`, when we are root; None where we can run the server ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise PostgresUnavailable(
        "Postgres refuses to run as root, and there is neither a user “postgres” nor “nobody” "
        "whose name it could take. Run this as an ordinary user."
    )


def owner_of(path: Path) -> Account | None:
    """In whose name a server must run on data that exists; None for ourselves."""
    found = path.stat()
    if found.st_uid == os.geteuid():
        return None
    try:
        return _account(pwd.getpwuid(found.st_uid))
    except KeyError:
        return Account(str(found.st_uid), found.st_uid, found.st_gid)


def run_as(
    account: Account | None, command: Sequence[str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run a short command in the name of `account` and return what it said.

    It runs in “/” (Postgres' programs fail in a folder that they cannot read) and without what
    could confuse it: the locale, and libpq's own variables.
    """
    identity = {}
    if account:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.run(
        command,
        cwd="/",
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
    """Our environment without locales and libpq's variables."""
    confusing = ("PG", "LC_", "LANG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(confusing)}
    return kept | {"LC_ALL": "C"}


def settle(
    directory: Path, account: Account | None, fallbacks: Sequence[Path]
) -> tuple[Path, str | None]:
    """A folder that is ours and that `account` can reach, and a sentence when it is another one.

    `directory` itself if it will do; else one below the first of `fallbacks` that does, named
    after `directory` and us, so that the same one is found the next time.
    """
    problems = []
    mark = hashlib.sha256(f"{directory}\0{os.geteuid()}".encode()).hexdigest()[:12]
    for home in (directory, *(fallback / f"ffapp-postgres-{mark}" for fallback in fallbacks)):
        try:
            _claim(home)
            _reach(home, account)
        except OSError as error:
            problems.append(f"{home}: {error.strerror}")
            continue
        if home == directory:
            return home, None
        return home, f"The database lives in {home}, because {problems[0]}."
    raise PostgresUnavailable("There is no place for the database: " + "; ".join(problems) + ".")


def _claim(home: Path) -> None:
    """Make `home`; a link or a folder of another user's in its place is refused."""
    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    home.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        for folder in made:
            folder.chmod(0o755)  # whatever our umask: the server's account must get through
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(0, "it belongs to another user")
    if not os.access(home, os.W_OK | os.X_OK):
        raise PermissionError(0, "it cannot be written")


def _reach(home: Path, account: Account | None) -> None:
    if account and run_as(account, ["/bin/sh", "-c", 'cd "$0"', str(home)], timeout=20).returncode:
        raise PermissionError(0, f"the user “{account.name}” cannot reach it")


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
