"""The processes of `make run`: started together, watched together, ended together.

    with Supervisor() as processes:
        processes.start("web", ["gunicorn", "wsgi"], env={"PORT": "8000"})
        processes.wait_until_healthy("http://127.0.0.1:8000/healthz")
        return processes.run()

Each process leads a group of its own, so that Ctrl-C reaches us alone and we can end what it has
started in its turn. Signals go to these groups and to nothing else.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Self, TextIO
from urllib.parse import urlsplit

LAST_LINES = 20
COLOURS = (36, 33, 35, 32, 34)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# Told of every group by a line on its input, it ends those that are left when that input closes:
# also when we are killed with -9. A shell does this on every system and takes 1 MB.
WATCHER = """
while read -r sign group; do
    others=; for one in $groups; do [ "$one" = "$group" ] || others="$others $one"; done
    case $sign in +) groups="$others $group" ;; -) groups=$others ;; esac
done
signal=TERM
for second in 0 1 2 3 4 5 6 7 8 9 10; do
    [ "$second" = 10 ] && signal=KILL
    left=
    for one in $groups; do kill -s "$signal" -- "-$one" 2>/dev/null && left="$left $one"; done
    groups=$left; signal=0; [ -n "$groups" ] || exit 0; sleep 1
done
"""


class ProcessEnded(RuntimeError):
    """A process that should have gone on ended; the message has its last lines."""


class NotHealthy(RuntimeError):
    """An address did not answer 200 in time."""


@dataclass
class Child:
    name: str
    process: "subprocess.Popen[str]"
    quiet: bool
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    reader: threading.Thread | None = None

    def exit_code(self) -> int | None:
        """Its exit code, negative for a signal, or None while it lives.

        It is not reaped here where that can be avoided: until then nobody else gets its number.
        """
        if self.process.returncode is not None or not hasattr(os, "waitid"):
            return self.process.poll()
        end = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if end is None:
            return None
        return end.si_status if end.si_code == os.CLD_EXITED else -end.si_status

    def signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Supervisor:
    """Named processes that live and die together.

    Leaving the block ends everything that was started: SIGTERM, `grace` seconds, SIGKILL; a second
    Ctrl-C shortens the grace. Within the block SIGTERM and SIGHUP count as Ctrl-C: the first signal
    raises KeyboardInterrupt, a later one only hurries the end, wherever it finds us, until the
    program ends. If we are killed with -9, the processes are ended all the same.
    """

    def __init__(self, out: TextIO | None = None, grace: float = 10) -> None:
        self._out = out or sys.stdout
        self._coloured = self._out.isatty() and "NO_COLOR" not in os.environ
        self._grace = grace
        self._children: list[Child] = []
        self._printing = threading.Lock()
        self._handlers: dict[int, object] = {}
        self._ending = self._interrupted = self._hurried = False
        self._watcher: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                # A shell may have started us deaf to Ctrl-C, as it does in the background.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._handlers[number] = signal.signal(number, self._interrupt)
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.stop()
        finally:
            for number, handler in self._handlers.items():
                # What else ends with us, Postgres for one, is not to be disturbed either.
                signal.signal(number, signal.SIG_IGN if self._interrupted else handler)

    def start(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        quiet: bool = False,
    ) -> None:
        """Start `command`, with `env` on top of our own environment.

        Its lines are printed after its name; with `quiet` they are only kept for the report in
        case that it ends.
        """
        process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(env or {}),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        child = Child(name, process, quiet)
        self._tell_watcher("+", process.pid)
        self._children.append(child)
        child.reader = threading.Thread(target=self._read, args=(child,), daemon=True)
        child.reader.start()

    def wait_until_healthy(self, url: str, timeout: float = 60) -> None:
        """Wait until `url` answers 200; raises ProcessEnded or NotHealthy."""
        until = time.monotonic() + timeout
        while (answer := _get(url)) != "200":
            self.check()
            if time.monotonic() > until:
                raise NotHealthy(f"{url} was not healthy after {timeout:g} s ({answer}).")
            time.sleep(0.05)

    def check(self) -> None:
        """Raise ProcessEnded if one of the processes has ended by itself."""
        for child in self._children:
            if child.exit_code() is not None:
                raise ProcessEnded(_obituary(child))

    def run(self) -> int:
        """Wait for the end: 0 if we were asked to stop, 1 if a process ended by itself."""
        try:
            while True:
                self.check()
                time.sleep(0.1)
        except KeyboardInterrupt:
            return 0
        except ProcessEnded as ended:
            self._print(f"\n{ended}\n")
            return 1

    def stop(self) -> None:
        """End every process that was started here, and what it has started; nothing else."""
        self._ending = True
        until = time.monotonic() + self._grace
        for child in self._children:
            child.signal_group(signal.SIGTERM)
        while (
            not self._hurried
            and time.monotonic() < until
            and any(child.exit_code() is None for child in self._children)
        ):
            time.sleep(0.02)
        for child in self._children:
            child.signal_group(signal.SIGKILL)
            child.process.wait()
            self._tell_watcher("-", child.process.pid)
            if child.reader:
                child.reader.join(timeout=1)
        self._children.clear()
        if self._watcher and self._watcher.stdin:
            self._watcher.stdin.close()
            self._watcher.wait()
            self._watcher = None

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._hurried, self._interrupted = self._interrupted, True
        if not self._ending:
            self._ending = True
            raise KeyboardInterrupt

    def _tell_watcher(self, sign: str, group: int) -> None:
        if self._watcher is None:
            self._watcher = subprocess.Popen(
                ["/bin/sh", "-c", WATCHER],
                stdin=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        with contextlib.suppress(BrokenPipeError):
            self._watcher.stdin.write(f"{sign} {group}\n")
            self._watcher.stdin.flush()

    def _read(self, child: Child) -> None:
        with child.process.stdout as output:
            for line in output:
                child.lines.append(line)
                if not child.quiet:
                    self._print(self._prefix(child) + line.rstrip("\n") + "\n")

    def _prefix(self, child: Child) -> str:
        width = max((len(other.name) for other in self._children), default=0)
        text = f"{child.name:<{width}} | "
        if not self._coloured:
            return text
        names = [other.name for other in self._children]
        return f"\033[{COLOURS[names.index(child.name) % len(COLOURS)]}m{text}\033[0m"

    def _print(self, text: str) -> None:
        with self._printing, contextlib.suppress(BrokenPipeError, ValueError):
            self._out.write(text)
            self._out.flush()


def _get(url: str) -> str:
    """The status of the answer, or what went wrong. No proxy is asked: this is our own machine."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
    try:
        connection.request("GET", f"{address.path or '/'}?{address.query}".rstrip("?"))
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()


def _obituary(child: Child) -> str:
    code = child.exit_code() or 0
    how = f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
    if child.reader:
        child.reader.join(timeout=1)
    said = "".join(f"    {line.rstrip()}\n" for line in child.lines) or "    (it said nothing)\n"
    return f"The process “{child.name}” ended ({how}). Its last lines:\n{said}".rstrip()
