"""The command line: `ffapp up`, `demo`, `admin`, `doctor`, `restored`,
`simulators`.

Each command imports what it needs: the launcher must stay small.
"""

import json
import os
import sys

import click


@click.group()
def main() -> None:
    """Future Founders: run it, look at its demo, let an admin in."""


@main.command()
@click.option("--empty", is_flag=True, help="Do not fill an empty database with the demo.")
@click.option(
    "--port", envvar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True
)
def up(empty: bool, port: int) -> None:
    """Start everything on this machine: Postgres, migrations, web, worker, simulators."""
    from ffapp.local.launcher import launch

    sys.exit(launch(port, with_demo=not empty))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def demo(as_json: bool) -> None:
    """Print the address and the sign-ins of the demo programme."""
    from ffapp.local import running
    from ffapp.local.demo_accounts import describe_sign_ins, sign_ins, sign_ins_in

    if found := running.find(os.environ.get("PORT")):
        address, people = found["PUBLIC_URL"], sign_ins_in(running.libpq_url(found))
        says = f"runs at {address}"
    else:
        port = os.environ.get("PORT") or "8000"
        address, people = os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}", sign_ins()
        says = f"does not run; make run starts it at {address}"
    if as_json:
        click.echo(json.dumps({"url": address, "sign_ins": people}, indent=2))
    else:
        click.echo(describe_sign_ins(says, people))


@main.command()
@click.argument("email")
@click.argument("name")
@click.option("--lost-factors", is_flag=True, help="Remove their second factors, which are lost.")
def admin(email: str, name: str, lost_factors: bool) -> None:
    """Let an admin in: prints a link with which EMAIL chooses a password, for NAME."""
    if not _use_running_instance():
        raise click.ClickException("Nothing runs here: start it with make run in another terminal.")
    from ffapp.app import create_app
    from ffapp.core.db import transaction

    with create_app(pool_size=1, name="ffapp admin").app_context():
        click.echo(transaction(_make_admin_link, email, name, lost_factors))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Look at everything that can be wrong, a line each; exits with 1 when something is."""
    _use_running_instance()
    from ffapp.doctor.examine import examine
    from ffapp.doctor.findings import print_findings

    sys.exit(print_findings(examine(os.environ), as_json))


@main.command()
def restored() -> None:
    """Run it after the database was restored from a dump, before a worker starts."""
    _use_running_instance()
    from ffapp.app import create_app
    from ffapp.ledger.restore import after_restore

    app = create_app(pool_size=4, name="ffapp restored")
    with app.app_context():
        held = after_restore(app.app_context)
    click.echo(f"Ids of lost rows are skipped. {held} acts that may have gone since the dump wait.")
    if held:
        click.echo("Zoom is asked about its own. Decide about messages under Messages, Uncertain.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--webhook", "webhooks", multiple=True, metavar="PROVIDER=URL", help="Post there; empty: to us."
)
def simulators(as_json: bool, webhooks: tuple[str, ...]) -> None:
    """Print addresses, credentials and magic values of the simulated providers that run here."""
    if not _use_running_instance():
        raise click.ClickException("Nothing runs here: start it with make run in another terminal.")
    from ffapp import simulators
    from ffapp.core import config, jobs
    from ffapp.providers.registry import read_settings

    settings = read_settings(os.environ)
    config.use(settings)
    jobs.connect(settings.libpq_url)
    for each in webhooks:
        key, _, url = each.partition("=")
        try:
            simulators.set_webhook_address(settings, key, url)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
    found = simulators.describe(settings)
    click.echo(json.dumps(found, indent=2) if as_json else simulators.in_words(found))


@main.command(hidden=True)
@click.option("--demo", "with_demo", is_flag=True)
def prepare(with_demo: bool) -> None:
    """Migrate the database, and fill an empty one with the demo programme.

    The demo's people exist only on this machine, and where no provider is real.
    """
    import flask_migrate

    from ffapp.app import add_migrations, create_app
    from ffapp.core import config
    from ffapp.core.db import transaction
    from ffapp.local import demo, demo_accounts
    from ffapp.people.passwords import hash_password

    with add_migrations(create_app(pool_size=2, name="ffapp prepare")).app_context():
        flask_migrate.upgrade()
        if with_demo and config.current().is_local:
            made = hash_password(demo_accounts.password())
            fill = demo.seed if demo.is_empty() else demo.set_passwords
            transaction(fill, made)


def _use_running_instance() -> bool:
    """Take the settings of the instance that runs here, unless a database is named already."""
    if os.environ.get("DATABASE_URL"):
        return True
    from ffapp.local import running

    found = running.find(os.environ.get("PORT"))
    os.environ.update(found or {})
    return found is not None


def _make_admin_link(email: str, name: str, lost_factors: bool) -> str:
    from ffapp.people.address import find_by_email
    from ffapp.people.factors import reset_factors
    from ffapp.people.invite import add_person
    from ffapp.people.links import make_link, url_of
    from ffapp.people.models import Role

    person = find_by_email(email) or add_person(name, email, Role.ADMIN, by=None)
    if not person.user.is_admin:
        raise click.ClickException(f"{email} belongs to a student.")
    if lost_factors:
        reset_factors(person.user, by="ffapp admin")
    return url_of(make_link(person, "invitation"))


if __name__ == "__main__":
    main()
