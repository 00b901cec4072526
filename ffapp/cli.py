"""The command line: `ffapp up`, `ffapp demo`, `ffapp admin`, `ffapp doctor`.

The launcher stays small: what needs the whole application runs in processes of its own.
"""

import json
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parents[1]
VAR = Path(os.environ.get("FFAPP_VAR") or ROOT / "var")
RUNNING = VAR / "running"
# A recording is ready after about a minute instead of one to two hours.
DEMO_SPEED = "0.0125"


@click.group()
def main() -> None:
    """Future Founders: run it, look at its demo, let an admin in."""


@main.command()
@click.option("--empty", is_flag=True, help="Do not fill an empty database with the demo.")
def up(empty: bool) -> None:
    """Start everything on this machine: Postgres, migrations, web, worker, simulators."""
    import psycopg

    from ffapp.local.postgres import PostgresUnavailable
    from ffapp.local.running import AlreadyRuns
    from ffapp.local.supervisor import NotHealthy, ProcessEnded

    port = _port()
    try:
        sys.exit(_run(port, empty))
    except AlreadyRuns as error:
        raise _taken(port) from error
    except psycopg.OperationalError as error:
        raise click.ClickException(f"The database does not answer: {error}") from error
    except (PostgresUnavailable, NotHealthy, ProcessEnded) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def demo(as_json: bool) -> None:
    """Print the address and the sign-ins of the demo programme."""
    from ffapp.local.demo_accounts import sign_ins, sign_ins_in

    house = _running_house()
    if house:
        address, people = house["PUBLIC_URL"], sign_ins_in(_libpq(house["DATABASE_URL"]))
        says = f"Future Founders runs at {address}"
    else:
        port = os.environ.get("PORT") or "8000"
        address, people = os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}", sign_ins()
        says = f"Future Founders does not run; make run starts it at {address}"
    if as_json:
        click.echo(json.dumps({"url": address, "sign_ins": people}, indent=2))
    else:
        click.echo(_card(says, people))


@main.command()
@click.argument("email")
@click.argument("name")
def admin(email: str, name: str) -> None:
    """Let an admin in: prints a link with which EMAIL chooses a password, for NAME."""
    _live_in_running_house()
    from ffapp.app import create_app
    from ffapp.db import transaction

    with create_app(pool_size=1, name="ffapp admin").app_context():
        click.echo(transaction(_admin_link, email, name))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Look at everything that can be wrong, a line each; exits with 1 when something is."""
    if not os.environ.get("DATABASE_URL"):
        os.environ.update(_running_house() or {})
    from ffapp.doctor.command import tell

    sys.exit(tell(os.environ, as_json))


@main.command(hidden=True)
@click.option("--demo", "with_demo", is_flag=True)
def prepare(with_demo: bool) -> None:
    """Migrate the database, and fill an empty one with the demo programme."""
    import flask_migrate

    from ffapp.app import create_app
    from ffapp.db import transaction
    from ffapp.local import demo as programme

    with create_app(pool_size=2, name="ffapp prepare").app_context():
        flask_migrate.upgrade()
        if with_demo and programme.is_empty():
            transaction(programme.seed)


def _run(port: int, empty: bool) -> int:
    from contextlib import ExitStack

    from ffapp.local import running
    from ffapp.local.demo_accounts import sign_ins_in
    from ffapp.local.postgres import PrivatePostgres
    from ffapp.local.supervisor import Supervisor

    simulators_port = _free_port(port + 1)
    environment = {
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SIMULATORS_URL": f"http://127.0.0.1:{simulators_port}",
        "SIMULATOR_SPEED": DEMO_SPEED,
        "SECRET_KEY": _secret_key(),
        "WEB_CONCURRENCY": "1",
        # One person tries it out: fewer connections, which cost Postgres 4 MB each.
        "DATABASE_POOL": "2",
        "WORKER_CONCURRENCY": "3",
        "MALLOC_ARENA_MAX": "1",  # glibc would keep memory apart for each thread
        "LOG_LEVEL": "warning",  # what goes wrong is shown, and nothing else
        # What is set in our own environment counts.
        **{name: value for name, value in os.environ.items() if value},
    }
    with ExitStack() as stack:
        if "DATABASE_URL" not in environment:
            postgres = stack.enter_context(PrivatePostgres(VAR / "postgres"))
            environment["DATABASE_URL"] = postgres.create_database("ffapp")
            for notice in postgres.notices:
                click.echo(notice)
        processes = stack.enter_context(Supervisor())
        _prepare(environment, with_demo=not empty)
        stack.enter_context(running.announce(RUNNING, port, _announced(environment)))
        _start(processes, environment, port, simulators_port)
        people = sign_ins_in(_libpq(environment["DATABASE_URL"]))
        click.echo(_card(f"Future Founders runs at {environment['PUBLIC_URL']}", people))
        click.echo("  Whether all is well:  .venv/bin/ffapp doctor\n  Ctrl-C ends it.\n")
        return processes.run()


def _prepare(environment: dict[str, str], with_demo: bool) -> None:
    import subprocess

    from ffapp.schema import is_ready

    if is_ready(_libpq(environment["DATABASE_URL"]), needs_people=with_demo):
        return
    command = [sys.executable, "-m", "ffapp.cli", "prepare", *(["--demo"] if with_demo else [])]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise click.ClickException(f"The database could not be prepared:\n{done.stderr[-2000:]}")


def _libpq(address: str) -> str:
    """What libpq understands of the forms that DATABASE_URL may have."""
    scheme, _, rest = address.partition("://")
    return f"postgresql://{rest}" if scheme.startswith("postgres") else address


def _start(processes: Any, environment: dict[str, str], port: int, simulators_port: int) -> None:
    gunicorn = [
        sys.executable,
        "-m",
        "gunicorn",
        "--worker-class",
        "gthread",
        "--timeout",
        "60",
        "--log-level",
        "warning",
    ]
    scratch = ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []
    workers = environment["WEB_CONCURRENCY"]
    simulators = [*gunicorn, *scratch, "--bind", f"127.0.0.1:{simulators_port}", "--threads", "8"]
    web = [*gunicorn, *scratch, "--bind", f"127.0.0.1:{port}", "--threads", "8"]
    logged = {"env": environment, "cwd": ROOT}
    processes.start("simulators", [*simulators, "ffapp.simulators:application()"], **logged)
    processes.start("worker", [sys.executable, "-m", "ffapp.worker"], **logged)
    processes.start("web", [*web, "--workers", workers, "wsgi:application"], **logged)
    processes.wait_until_healthy(f"http://127.0.0.1:{simulators_port}/healthz")
    processes.wait_until_healthy(f"http://127.0.0.1:{port}/healthz")


def _admin_link(email: str, name: str) -> str:
    from ffapp.people.invite import add_person, find_by_email
    from ffapp.people.links import make_link, url_of
    from ffapp.people.models import Role

    person = find_by_email(email) or add_person(name, email, Role.ADMIN, by=None)
    if not person.user.is_admin:
        raise click.ClickException(f"{email} belongs to a student.")
    return url_of(make_link(person, "invitation"))


def _card(says: str, people: list[dict[str, str]]) -> str:
    """Where it runs, and who can sign in."""
    lines = ["", f"  {says}", ""]
    if not people:
        lines += ["  Let an admin in:  .venv/bin/ffapp admin you@example.org 'Your Name'"]
    for each in people:
        note = f"  ({each['note']})" if each["note"] else ""
        lines.append(f"  {each['role']:<8} {each['email']:<34} {each['password']}{note}")
    return "\n".join([*lines, ""])


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise click.ClickException(f"PORT must be a number from 1 to 65535, not “{text}”.")
    if not _is_free(int(text)):
        raise _taken(int(text))
    return int(text)


def _taken(port: int) -> click.ClickException:
    return click.ClickException(
        f"Port {port} is taken, by this programme in another terminal or by something else."
        " Choose another: PORT=8080 make run"
    )


def _free_port(wish: int) -> int:
    if wish < 65536 and _is_free(wish):
        return wish
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _secret_key() -> str:
    """A key of this checkout's own, so that sessions and links outlive a restart."""
    VAR.mkdir(parents=True, exist_ok=True)
    path = VAR / "secret_key"
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def _announced(environment: dict[str, str]) -> dict[str, str]:
    """What others need to live in the house that runs here, or to look at it."""
    from ffapp.providers.registry import variables

    names = (*variables(), "WEB_CONCURRENCY")
    return {name: environment[name] for name in names if name in environment}


def _running_house() -> dict[str, str] | None:
    from ffapp.local import running

    return running.find(RUNNING, os.environ.get("PORT") or None)


def _live_in_running_house() -> None:
    if os.environ.get("DATABASE_URL"):
        return
    house = _running_house()
    if house is None:
        raise click.ClickException("Nothing runs here: start it with make run in another terminal.")
    os.environ.update(house)


if __name__ == "__main__":
    main()
