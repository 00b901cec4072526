"""The processes of `make run`: started together, watched together, ended together.

    with Supervisor() as supervisor:
        supervisor.start("web", ["gunicorn", "wsgi"], env={"PORT": "8000"})
        supervisor.wait_until_healthy("http://127.0.0.1:8000/healthz")
        return supervisor.run()

They form one process group, apart from ours: Ctrl-C reaches us alone, and a signal to the group
reaches them, what they have started in their turn, and nothing else.
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
from contextlib import closing
from types import FrameType
from typing import Any, Self, TextIO
from urllib.parse import urlsplit

LAST_LINES = 20
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The leader of the group. When its input closes because we died, even by kill -9, it ends the
# group. A shell does this on every system and takes 1 MB.
LEADER = "trap '' TERM INT HUP; read -r _; kill -s TERM 0; sleep {grace:g}; kill -s KILL 0"


class ProcessEnded(RuntimeError):
    """A process that should have gone on ended; the message has its last lines."""


class NotHealthy(RuntimeError):
    """An address did not answer 200 in time."""


class Supervisor:
    """Named processes that live and die together.

    Leaving the block ends everything that was started: SIGTERM, `grace` seconds, SIGKILL; a second
    Ctrl-C shortens the grace. Within the block SIGTERM and SIGHUP count as Ctrl-C: the first signal
    raises KeyboardInterrupt, a later one only hurries the end, wherever it finds us, until the
    program ends. If we are killed with -9, the processes are ended all the same.
    """

    def __init__(self, out: TextIO | None = None, grace: float = 10) -> None:
        self._out = out or sys.stdout
        self._grace = grace
        self._children: list[Child] = []
        self._handlers: dict[int, object] = {}
        self._is_ending = self._is_interrupted = self._is_hurried = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                # A shell that starts us in the background has us ignore Ctrl-C.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._handlers[number] = signal.signal(number, self._interrupt)
        self._leader = subprocess.Popen(
            ["/bin/sh", "-c", LEADER.format(grace=self._grace)],
            stdin=subprocess.PIPE,
            process_group=0,
        )
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.stop()
        finally:
            for number, handler in self._handlers.items():
                # What else ends with us, Postgres for one, must not be interrupted either.
                signal.signal(number, signal.SIG_IGN if self._is_interrupted else handler)

    def start(
        self, name: str, command: Sequence[str], env: Mapping[str, str], **options: Any
    ) -> int:
        """Start `command`, with `env` on top of our own environment; the id of the process.

        Its lines are printed after its name. `options` are those of Popen.
        """
        process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONUNBUFFERED": "1", **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=self._leader.pid,
            **options,
        )
        self._children.append(Child(name, process, self._out))
        return process.pid

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
            if child.process.poll() is not None:
                raise ProcessEnded(child.describe_end())

    def run(self) -> int:
        """Wait for the end: 0 if we were asked to stop, 1 if a process ended by itself."""
        try:
            while True:
                self.check()
                time.sleep(0.1)
        except KeyboardInterrupt:
            return 0
        except ProcessEnded as ended:
            _print(self._out, f"\n{ended}\n")
            return 1

    def stop(self) -> None:
        """End every process that was started here, and what it has started; nothing else."""
        self._is_ending = True
        self._signal_group(signal.SIGTERM)
        until = time.monotonic() + self._grace
        while any(child.process.poll() is None for child in self._children):
            if self._is_hurried or time.monotonic() > until:
                break
            time.sleep(0.02)
        self._signal_group(signal.SIGKILL)
        for child in self._children:
            child.process.wait()
            child.reader.join(timeout=1)
        self._leader.communicate()

    def _signal_group(self, number: int) -> None:
        # The leader is not reaped before the end: until then nobody else gets its number.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader.pid, number)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._is_hurried, self._is_interrupted = self._is_interrupted, True
        if not self._is_ending:
            self._is_ending = True
            raise KeyboardInterrupt


class Child:
    """One process, and a thread that prints its lines to `out` as they come."""

    def __init__(self, name: str, process: "subprocess.Popen[str]", out: TextIO) -> None:
        self.name = name
        self.process = process
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self.reader = threading.Thread(target=self._read, args=(out,), daemon=True)
        self.reader.start()

    def describe_end(self) -> str:
        """How it ended, and its last lines."""
        code = self.process.returncode
        how = f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
        self.reader.join(timeout=1)
        lines = "\n".join(f"    {line}" for line in self._lines) or "    (it said nothing)"
        return f"The process “{self.name}” ended ({how}). Its last lines:\n{lines}"

    def _read(self, out: TextIO) -> None:
        with self.process.stdout as output:  # type: ignore[union-attr]
            for line in output:
                self._lines.append(line.rstrip())
                _print(out, f"{self.name:<10} | {line.rstrip()}\n")


def _get(url: str) -> str:
    """The status of the answer, or what went wrong; no proxy is asked."""
    address = urlsplit(url)
    try:
        with closing(http.client.HTTPConnection(address.netloc, timeout=5)) as connection:
            connection.request("GET", address.path)
            return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return str(error)


def _print(out: TextIO, text: str) -> None:
    """Print at once and in one piece; a reader that has gone away is no reason to end."""
    with contextlib.suppress(BrokenPipeError, ValueError):
        out.write(text)
        out.flush()
