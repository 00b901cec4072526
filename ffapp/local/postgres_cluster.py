"""The files of one cluster: made completely or not at all, and freed of what dead servers left."""

import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path

import psutil

from ffapp.local.postgres_programs import Account, PostgresUnavailable, Programs, run_as

PASSWORD = "ffapp-password"  # a file in the data directory
SHUTDOWN_SECONDS = 20


def make(folder: Path, programs: Programs, account: Account | None, durable: bool) -> None:
    """Make the data directory in `folder` unless it is there, with a random password.

    It is made under another name and renamed when it is complete, so that a half-made one is never
    mistaken for a cluster. One that is not `durable` (no fsync) may be lost in a power failure.
    """
    for interrupted in folder.glob("half-made-*"):
        shutil.rmtree(interrupted, ignore_errors=True)
    if (folder / "data").exists():
        return
    half = Path(tempfile.mkdtemp(prefix="half-made-", dir=folder))
    data, password = half / "data", half / PASSWORD
    data.mkdir(mode=0o700)
    password.touch(mode=0o600)
    password.write_text(secrets.token_hex(16), encoding="ascii")
    if account:
        for path in (half, data, password):
            os.chown(path, account.uid, account.gid)
    command = [str(programs.directory / "initdb"), "-D", str(data), "-U", "postgres"]
    command += ["--encoding=UTF8", "--auth=scram-sha-256", f"--pwfile={password}"]
    command += ["--no-instructions"] + ([] if durable else ["--no-sync"])
    for locale in ("--locale=C.UTF-8", "--no-locale"):  # not every system has C.UTF-8
        answer = run_as(account, [*command, locale], timeout=120)
        if answer.returncode == 0:
            break
    else:
        raise PostgresUnavailable(f"initdb failed in {data}:\n{answer.stderr.strip()}")
    password.rename(data / PASSWORD)
    data.rename(folder / "data")
    half.rmdir()


def find_server(data: Path) -> psutil.Process | None:
    """The Postgres that postmaster.pid names, unless its number was given to something else."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        is_ours = (
            process.status() != psutil.STATUS_ZOMBIE
            and process.name() in {"postgres", "postmaster"}
            and os.path.samefile(process.cwd(), data)
        )
    except (psutil.Error, OSError, ValueError, IndexError):
        # No such process, or one whose folder we may not see: ours we could.
        return None
    return process if is_ours else None


def remove_stale_pid_file(data: Path) -> None:
    """Remove a postmaster.pid that a killed server left, even if its number was given away.

    Postgres itself would refuse to start when that number now belongs to another process of the
    same user, or to a zombie. Waits for a server of ours that is just ending; raises
    PostgresUnavailable when one is there to stay (it has lost its guard) rather than end it.
    """
    until = time.monotonic() + SHUTDOWN_SECONDS
    while server := find_server(data):
        if time.monotonic() > until:
            raise PostgresUnavailable(
                f"Process {server.pid} is a Postgres on {data} that was not started from here. "
                f"Stop it with: pg_ctl stop -D {data}"
            )
        time.sleep(0.05)
    (data / "postmaster.pid").unlink(missing_ok=True)
