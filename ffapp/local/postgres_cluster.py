"""The files of one cluster: made completely or not at all, and freed of what dead servers left."""

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path

import psutil

from ffapp.local.postgres_home import Account, PostgresUnavailable, run_as
from ffapp.local.postgres_programs import Binaries

PASSWORD = "ffapp-password"
SHUTDOWN_PATIENCE = 20


def majors_below(home: Path) -> set[int]:
    """The versions of Postgres that have data in `home`."""
    return {int(version.parent.parent.name) for version in home.glob("[0-9]*/data/PG_VERSION")}


def make(folder: Path, binaries: Binaries, account: Account | None, durable: bool) -> None:
    """Make `folder`/data unless it is there, with a random password for its user `postgres`.

    It is built under another name and renamed when it is complete, so that a half-made one is
    never mistaken for a cluster.
    """
    for interrupted in folder.glob("half-made-*"):
        shutil.rmtree(interrupted, ignore_errors=True)
    if (folder / "data").exists():
        return
    half = Path(tempfile.mkdtemp(prefix="half-made-", dir=folder))
    password = half / PASSWORD
    password.write_text(secrets.token_hex(16), encoding="ascii")
    password.chmod(0o600)
    (half / "data").mkdir(mode=0o700)
    if account:
        for path in (half, password, half / "data"):
            os.chown(path, account.uid, account.gid)
    _initdb(binaries, account, half / "data", password, durable)
    password.rename(half / "data" / PASSWORD)
    (half / "data").rename(folder / "data")
    half.rmdir()


def password_of(folder: Path) -> str:
    return (folder / "data" / PASSWORD).read_text(encoding="ascii").strip()


def server_id(folder: Path) -> int | None:
    """The process id in postmaster.pid, whoever has that number now."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((folder / "data" / "postmaster.pid").read_text().split()[0])
    return None


def forget_dead_server(folder: Path) -> None:
    """Remove a postmaster.pid that a killed server left, even if its number was given away.

    Postgres itself would refuse to start when that number now belongs to another process of the
    same user, or to a zombie. Waits for a server of ours that is just ending; raises
    PostgresUnavailable when one is there to stay (it has lost its guard) rather than end it.
    """
    until = time.monotonic() + SHUTDOWN_PATIENCE
    while (pid := server_id(folder)) and _is_server_on(pid, folder / "data"):
        if time.monotonic() > until:
            raise PostgresUnavailable(
                f"Process {pid} is a Postgres on {folder / 'data'} that was not started from here. "
                f"Stop it with: pg_ctl stop -D {folder / 'data'}"
            )
        time.sleep(0.05)
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)


def discard_after_power_failure(folder: Path) -> None:
    """Throw away a cluster without fsync on which a server ran when the machine went down."""
    with contextlib.suppress(FileNotFoundError):
        if (folder / "data" / "postmaster.pid").stat().st_mtime < psutil.boot_time():
            shutil.rmtree(folder / "data")


def _is_server_on(pid: int, data: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and process.name() in {"postgres", "postmaster"}
            and os.path.samefile(process.cwd(), data)
        )
    except (psutil.Error, OSError):
        # No such process, or one whose folder we may not see: ours we could.
        return False


def _initdb(
    binaries: Binaries, account: Account | None, data: Path, password: Path, durable: bool
) -> None:
    command = [binaries.program("initdb"), "-D", str(data), "-U", "postgres", "--encoding=UTF8"]
    command += ["--auth=scram-sha-256", f"--pwfile={password}", "--no-instructions"]
    command += [] if durable else ["--no-sync"]
    for locale in ("--locale=C.UTF-8", "--no-locale"):  # not every system has C.UTF-8
        answer = run_as(account, [*command, locale], timeout=120)
        if answer.returncode == 0:
            return
    raise PostgresUnavailable(f"initdb failed in {data}:\n{answer.stderr.strip()}")
