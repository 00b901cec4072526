"""A child process with its log in a file: started, watched, and ended for sure."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.processes.poll import PATIENCE, poll

ROOT = Path(__file__).parents[2]
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Child:
    """One process of ours, leader of a group of its own.

    It dies with the test process, also when that is killed, and hears Ctrl-C. `kill()` and `stop()`
    touch this group and nothing else.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = command
        self._environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environment}
        self.start()

    def start(self) -> None:
        """Start it; again, once it has ended."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_prepare,  # noqa: PLW1509 (it calls into the kernel, no Python locks)
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM to the process itself; waits until it has ended by itself."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {PATIENCE} s") from None

    def says(self, words: str) -> bool:
        """Whether its log contains these words by now."""
        return words in self.words()

    def words(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, words: str) -> None:
        """Wait until its log contains these words; fails when it ends before."""

        def said() -> bool:
            assert self.running or self.says(words), f"{self.name} has ended:\n{self.words()}"
            return self.says(words)

        poll(said, f"{self.name} says “{words}”")


def free_port() -> int:
    """A port on the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _prepare() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell may have started us deaf to it
