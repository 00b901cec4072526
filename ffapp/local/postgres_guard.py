"""Start one Postgres, restart it when it is killed, and end it when nobody uses it any more.

Run as a script, by postgres.py: `postgres_guard.py FOLDER UID:GID COMMAND…` (`-` for our own user).
It needs only the standard library, so that it starts in 30 ms and stays small.

Each process that uses the server holds a shared lock on FOLDER/users.lock, which the kernel
releases when that process dies. The guard polls for the exclusive lock: when it gets it, nobody is
left. The guard holds FOLDER/guard.lock, and the server is its child: it signals no other process.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time

POLL_SECONDS = 0.05
SHORT_LIFE_SECONDS = 2.0
RESTART_PAUSE_SECONDS = 0.25
# Five seconds' worth: the last children of a killed server must release its memory first.
MAX_SHORT_LIVES = 20
PR_SET_PDEATHSIG = 1


def main(folder: str, account: str, *command: str) -> None:
    """Guard the server until it is not used any more, or does not stay alive."""
    guard_lock, users_lock = (
        os.open(os.path.join(folder, name), os.O_RDWR | os.O_CREAT, 0o600)
        for name in ("guard.lock", "users.lock")
    )
    # A process that checks for a guard holds the lock for an instant: hence the tries.
    if not any(try_lock(guard_lock) or time.sleep(0.02) for _ in range(50)):
        sys.exit("there is another guard")
    if os.fork():  # leave our parent, so that init reaps us
        os._exit(0)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())
    short_lives = 0
    while short_lives < MAX_SHORT_LIVES:
        born = time.monotonic()
        server = start_server(list(command), account)
        try:
            while server.poll() is None:
                if try_lock(users_lock):
                    return
                time.sleep(POLL_SECONDS)
        finally:
            stop_server(server)
        if server.returncode == 0:
            return  # somebody stopped it by Postgres' own means
        is_short = time.monotonic() - born < SHORT_LIFE_SECONDS
        short_lives = short_lives + 1 if is_short else 0
        time.sleep(RESTART_PAUSE_SECONDS)


def try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def start_server(command: list[str], account: str) -> "subprocess.Popen[bytes]":
    identity = {}
    if account != "-":
        uid, gid = map(int, account.split(":"))
        identity = {"user": uid, "group": gid, "extra_groups": []}
    guard = os.getpid()

    def die_with_guard() -> None:
        """On Linux, stop the server even when the guard is killed with -9."""
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != guard:
                os._exit(0)

    return subprocess.Popen(command, preexec_fn=die_with_guard, **identity)  # noqa: PLW1509


def stop_server(server: "subprocess.Popen[bytes]") -> None:
    """Stop the server if it lives: politely, then firmly, then by force."""
    for number, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if server.poll() is None:
            server.send_signal(number)
            try:
                server.wait(patience)
            except subprocess.TimeoutExpired:
                continue


if __name__ == "__main__":
    main(*sys.argv[1:])
