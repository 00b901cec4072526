"""Starts one Postgres, brings it back when it is killed, and ends it when nobody uses it any more.

Run as a script, by embedded_postgres.py: `postgres_guard.py FOLDER UID:GID COMMAND…` (`-` for our
own user). It needs nothing but the standard library, so that it starts in 20 ms and stays small.

Who uses the server holds a shared lock on FOLDER/users.lock; the kernel takes the lock away when
its holder dies, however it dies. The guard polls for the exclusive lock: when it gets it, nobody is
left. The guard itself holds FOLDER/guard.lock, and the server is its own child: it never signals
a process that it did not start.
"""

import ctypes
import fcntl
import os
import signal
import sys
import time

POLL = 0.05
SHORT_LIFE = 2.0
HANGS_SECONDS = 15
MOST_SHORT_LIVES = (
    40  # with 0.25 s between: a killed server's last children must let go of its memory first
)
PR_SET_PDEATHSIG = 1


class Guard:
    def __init__(self, folder: str, account: str, command: list[str]) -> None:
        self.command = command
        self.account = None if account == "-" else tuple(map(int, account.split(":")))
        self.lock = os.open(os.path.join(folder, "guard.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        self.users = os.open(os.path.join(folder, "users.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        self.server = 0
        self.told_to_end = self.told_to_restart = False

    def detach(self) -> None:
        """Take guard.lock, then leave our parent, so that init reaps us.

        Whoever looks whether there is a guard holds the lock for an instant: hence the tries.
        """
        for tries_left in range(50, -1, -1):
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not tries_left:
                    sys.exit("there is another guard")
                time.sleep(0.02)
        if os.fork():
            os._exit(0)
        os.ftruncate(self.lock, 0)
        os.write(self.lock, b"%d\n" % os.getpid())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            signal.signal(number, self.listen)

    def listen(self, number: int, frame: object) -> None:
        if number == signal.SIGUSR1:
            self.told_to_restart = True
        else:
            self.told_to_end = True

    def run(self) -> None:
        """Keep the server alive until it is not wanted, or will not live."""
        short_lives = 0
        while True:
            born = time.monotonic()
            self.server = self.spawn()
            status = self.watch()
            if status is None:
                return self.end()
            if self.told_to_restart:
                self.told_to_restart, short_lives = False, 1
                continue
            if status == 0 or (status > 0 and short_lives == 0):
                # Somebody stopped it with Postgres' own means, or it refuses to start.
                return None
            lived = time.monotonic() - born
            short_lives = short_lives + 1 if lived < SHORT_LIFE else 1
            if short_lives > MOST_SHORT_LIVES:
                return None
            time.sleep(0.25)

    def watch(self) -> int | None:
        """Wait until the server ends (its exit code, negative for a signal) or must (None)."""
        restarting = None
        while True:
            ended, status = os.waitpid(self.server, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            if self.told_to_end or self.unused():
                return None
            if self.told_to_restart and restarting is None:
                restarting = time.monotonic()
                os.kill(self.server, signal.SIGQUIT)  # “immediate”: no checkpoint, as in a crash
            if restarting is not None and time.monotonic() > restarting + HANGS_SECONDS:
                os.kill(self.server, signal.SIGKILL)  # it waits for a child that does not die
            time.sleep(POLL)

    def unused(self) -> bool:
        try:
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def end(self) -> None:
        """Stop the server: politely, then firmly, then by force. It is our child, so it is ours."""
        for number, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            os.kill(self.server, number)
            until = time.monotonic() + patience
            while time.monotonic() < until:
                if os.waitpid(self.server, os.WNOHANG)[0]:
                    return
                time.sleep(0.01)

    def spawn(self) -> int:
        guard = os.getpid()
        if child := os.fork():
            return child
        try:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            if self.account:
                os.setgroups([])
                os.setgid(self.account[1])
                os.setuid(self.account[0])
            die_with_parent(guard)
            os.execv(self.command[0], self.command)
        except OSError as error:
            os.write(2, f"{self.command[0]}: {error}\n".encode())
        finally:
            os._exit(127)


def die_with_parent(parent: int) -> None:
    """On Linux, stop the server even when the guard itself is killed with -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            os._exit(0)


if __name__ == "__main__":
    keeper = Guard(sys.argv[1], sys.argv[2], sys.argv[3:])
    keeper.detach()
    keeper.run()
