"""`ffapp up`: start everything on this machine and stay with it until it ends.

The launcher stays small: what needs the whole application runs in processes of its own.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import click
import psycopg

from ffapp.core import schema
from ffapp.local import running
from ffapp.local.demo_accounts import describe_sign_ins, sign_ins_in
from ffapp.local.locks_and_ports import is_port_free, listen
from ffapp.local.postgres import PrivatePostgres
from ffapp.local.postgres_programs import PostgresUnavailable
from ffapp.local.running import ROOT, VAR, AlreadyRuns, keep_secret, libpq_url
from ffapp.local.supervisor import NotHealthy, ProcessEnded, Supervisor

GUNICORN = [sys.executable, "-m", "gunicorn", "--threads", "2"]
GUNICORN += ["--timeout", "60", "--log-level", "warning"]
DEFAULTS = {
    "SIMULATOR_SPEED": "0.0125",  # a recording is ready after a minute instead of one to two hours
    "WEB_CONCURRENCY": "1",
    # As many connections as threads; each costs Postgres 4 MB.
    "DATABASE_POOL": "2",
    "WORKER_CONCURRENCY": "3",
    "MALLOC_ARENA_MAX": "1",  # glibc would keep memory apart for each thread
    "LOG_LEVEL": "warning",  # what goes wrong is shown, and nothing else
}


def launch(port: int, *, with_demo: bool) -> int:
    """Start all, print the address and the sign-ins, and return the exit code at the end.

    Raises click.ClickException with a sentence where that cannot be.
    """
    if not is_port_free(port):
        raise _taken(port)
    try:
        with ExitStack() as stack:
            return _launch(stack, port, with_demo)
    except AlreadyRuns as error:
        raise _taken(port) from error
    except psycopg.OperationalError as error:
        raise click.ClickException(f"The database does not answer: {error}") from error
    except (PostgresUnavailable, NotHealthy, ProcessEnded) as error:
        raise click.ClickException(str(error)) from error


def _launch(stack: ExitStack, port: int, with_demo: bool) -> int:
    environment = {
        **DEFAULTS,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": keep_secret("secret_key", 48),
        # What is set in our own environment counts.
        **{name: value for name, value in os.environ.items() if value},
    }
    if "DATABASE_URL" not in environment:
        postgres = stack.enter_context(PrivatePostgres(VAR / "postgres"))
        environment["DATABASE_URL"] = postgres.create_database("ffapp")
        if postgres.notice:
            click.echo(postgres.notice)
    database = libpq_url(environment)
    supervisor = stack.enter_context(Supervisor())
    if not schema.is_ready(database, needs_people=with_demo):
        _prepare(environment, with_demo)
    announce = stack.enter_context(running.announce(port))
    announce(_start_processes(supervisor, environment, port))
    click.echo(describe_sign_ins(f"runs at {environment['PUBLIC_URL']}", sign_ins_in(database)))
    click.echo("  Whether all is well:  .venv/bin/ffapp doctor\n  Ctrl-C ends it.\n")
    return supervisor.run()


def _prepare(environment: Mapping[str, str], with_demo: bool) -> None:
    command = [sys.executable, "-m", "ffapp.cli", "prepare", *(["--demo"] if with_demo else [])]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise click.ClickException(f"The database could not be prepared:\n{done.stderr[-2000:]}")


def _start_processes(supervisor: Supervisor, environment: Mapping[str, str], port: int) -> int:
    """Start them, wait until they are healthy, and return the process id of one."""
    with listen([port + 1]) as listening:  # handed over, so that nobody else gets the port
        simulators_port, socket_id = listening.getsockname()[1], listening.fileno()
        environment = {"SIMULATORS_URL": f"http://127.0.0.1:{simulators_port}", **environment}
        command = [sys.executable, "-m", "ffapp.simulators", str(simulators_port), str(socket_id)]
        options: dict[str, Any] = {"env": environment, "cwd": ROOT}
        supervisor.start("simulators", command, pass_fds=[socket_id], **options)
    supervisor.start("worker", [sys.executable, "-m", "ffapp.worker"], **options)
    web = [*GUNICORN, "--bind", f"127.0.0.1:{port}", "wsgi:application"]
    process_id = supervisor.start("web", web, **options)
    for each in (simulators_port, port):
        supervisor.wait_until_healthy(f"http://127.0.0.1:{each}/healthz")
    return process_id


def _taken(port: int) -> click.ClickException:
    return click.ClickException(
        f"Port {port} is taken, by this programme in another terminal or by something else."
        " Choose another: PORT=8080 make run"
    )
