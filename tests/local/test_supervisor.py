"""The processes of `make run`: what is printed, and that nothing outlives its launcher."""

import io
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ffapp.local.supervisor import NotHealthy, ProcessEnded, Supervisor
from tests.processes.place import gone

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
POLITE = "import time; print('ready'); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {POLITE}"
WITH_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {POLITE!r}]); "
SERVER = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == '/healthz' else 503)
        self.end_headers()
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Answer).serve_forever()
"""
# Starts one process for each argument and waits for the end.
LAUNCHER = """
import signal, sys
from ffapp.local.supervisor import Supervisor
# A shell may have started us deaf to the one, and nohup to the other.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
with Supervisor(grace=float(sys.argv[1])) as processes:
    try:
        for number, code in enumerate(sys.argv[2:]):
            processes.start(f"p{number}", [sys.executable, "-c", code], {})
        exit_code = processes.run()
    except KeyboardInterrupt:  # the last may say that it is ready before we wait for its end
        exit_code = 0
sys.exit(exit_code)
"""


def launch(*codes: str, grace: float = 10, waiting: bool = True) -> subprocess.Popen[str]:
    """Our own kind of launcher as another process; when `waiting`, all of its own are ready."""
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(grace), *codes],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    ready = 0
    while waiting and ready < len(codes):  # one may say more before another has begun
        line = launcher.stdout.readline()
        assert line, "it ended before all were ready"
        ready += line.endswith("| ready\n")  # what stands in an obituary is not said now
    return launcher


def below(launcher: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(launcher.pid).children(recursive=True)


def wait_until(happens: Callable[[], object], seconds: float = 120) -> bool:
    until = time.monotonic() + seconds
    while not (happened := happens()) and time.monotonic() < until:
        time.sleep(0.02)
    return bool(happened)


def all_gone(processes: list[psutil.Process]) -> bool:
    return all(map(gone, processes))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TestPrinting:
    def run_two(self, out: io.StringIO) -> list[str]:
        with Supervisor(out) as processes:
            processes.start("web", [sys.executable, "-c", POLITE], {})
            assert wait_until(lambda: "ready" in out.getvalue())
            processes.start("worker", [sys.executable, "-c", POLITE], {})
            assert wait_until(lambda: out.getvalue().count("ready") == 2)
        return out.getvalue().splitlines()

    def test_lines_follow_the_name_of_their_process(self):
        assert self.run_two(io.StringIO()) == ["web        | ready", "worker     | ready"]

    def test_the_last_lines_of_one_that_ended_are_in_the_report(self):
        out = io.StringIO()
        with Supervisor(out) as processes:
            processes.start("web", ["sh", "-c", "echo $GREETING"], {"GREETING": "hi"})

            assert processes.run() == 1

        assert out.getvalue().splitlines()[-2:] == [
            "The process “web” ended (exit code 0). Its last lines:",
            "    hi",
        ]


class TestHealth:
    def test_it_waits_for_200(self):
        port = free_port()
        with Supervisor(io.StringIO()) as processes:
            processes.start("web", [sys.executable, "-c", SERVER, str(port)], {})

            processes.wait_until_healthy(f"http://127.0.0.1:{port}/healthz")
            with pytest.raises(NotHealthy, match="503"):
                processes.wait_until_healthy(f"http://127.0.0.1:{port}/ill", timeout=0.2)

    def test_a_process_that_ended_is_not_waited_for(self):
        with Supervisor(io.StringIO()) as processes:
            processes.start("web", ["sh", "-c", "echo no database; kill -9 $$"], {})

            with pytest.raises(ProcessEnded, match=r"“web” ended \(killed by SIGKILL\)(.|\n)*no d"):
                processes.wait_until_healthy(f"http://127.0.0.1:{free_port()}/healthz")


class TestTheEnd:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_a_signal_ends_all_that_was_started_and_nothing_else(self, number):
        with (
            subprocess.Popen([sys.executable, "-c", POLITE], stdout=subprocess.DEVNULL) as stranger,
            launch(POLITE, WITH_CHILD + POLITE) as launcher,
        ):
            assert wait_until(lambda: len(below(launcher)) == 4)  # with the group's leader
            started = below(launcher)

            launcher.send_signal(number)

            assert launcher.wait() == 0
            assert all_gone(started)
            assert stranger.poll() is None
            stranger.kill()

    def test_processes_that_ignore_sigterm_are_killed_after_the_grace(self):
        with launch(STUBBORN, WITH_CHILD + STUBBORN, grace=0.3) as launcher:
            started = below(launcher)
            launcher.terminate()

            assert launcher.wait() == 0
            assert all_gone(started)

    def test_a_second_ctrl_c_shortens_the_grace(self):
        with launch(STUBBORN, grace=60) as launcher:
            launcher.send_signal(signal.SIGINT)
            time.sleep(0.3)
            launcher.send_signal(signal.SIGINT)

            assert launcher.wait(timeout=120) == 0

    def test_many_signals_do_not_interrupt_the_shutdown(self):
        with launch(STUBBORN, WITH_CHILD + STUBBORN, grace=60) as launcher:
            started = below(launcher)
            for _ in range(20):  # those that come together count as one
                launcher.send_signal(signal.SIGINT)
                launcher.send_signal(signal.SIGTERM)
                time.sleep(0.005)

            assert launcher.wait(timeout=120) == 0
            assert all_gone(started)

    def test_a_process_that_ends_by_itself_ends_the_run(self):
        dying = "import sys; sys.exit('out of ideas')"
        with launch(POLITE, dying, waiting=False) as launcher:
            said = launcher.stdout.read()

            assert launcher.wait() == 1
        assert "The process “p1” ended (exit code 1)" in said
        assert "    out of ideas" in said

    def test_nothing_outlives_a_launcher_killed_with_9(self):
        with launch(POLITE, WITH_CHILD + POLITE, grace=1) as launcher:
            assert wait_until(lambda: len(below(launcher)) == 4)
            started = below(launcher)

            launcher.kill()

        assert wait_until(lambda: all_gone(started))
