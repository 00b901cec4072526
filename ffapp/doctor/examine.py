"""Everything that `ffapp doctor` looks at, one after the other; none keeps another from it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog

from ffapp.app import create_app
from ffapp.core.config import Settings
from ffapp.core.db import db
from ffapp.core.environment import SettingError
from ffapp.doctor import database, jobs, periodic, providers
from ffapp.doctor import settings as of_settings
from ffapp.doctor.finding import Finding, note, wrong
from ffapp.providers.registry import PROVIDERS, read_settings

log = structlog.get_logger()

NOTHING_RUNS = " No app runs here: start one with make run, and ask again in another terminal."
WORDS = 300  # of an error of ours that is shown


@dataclass(frozen=True)
class Check:
    what: str
    look: Callable[[Settings], Iterable[Finding]]
    asks_database: bool = True


CHECKS = (
    Check("settings", of_settings.look, asks_database=False),
    Check("database", database.look),
    Check("migrations", database.look_at_migrations),
    Check("worker", database.look_at_worker),
    Check("periodic jobs", periodic.look),
    Check("failed jobs", jobs.look_at_failed),
    Check("waiting jobs", jobs.look_at_late),
    Check("webhooks", jobs.look_at_refusals),
    *(
        Check(each.title, providers.look_at(each), asks_database=each.check_asks_database)
        for each in PROVIDERS
    ),
)


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """What is found in the app that `environ` describes."""
    try:
        settings = read_settings(environ)
        app = create_app(settings, pool_size=2, name="ffapp doctor")
    except SettingError as error:
        missing = "" if environ.get("DATABASE_URL") else NOTHING_RUNS
        return [
            wrong("settings", f"{error} Nothing starts before that is mended.{missing}"),
            note("all else", "Not looked at: it depends on the settings."),
        ]
    with app.app_context():
        return examine_house(settings)


def examine_house(settings: Settings) -> list[Finding]:
    """The same for the application of the context."""
    answers = database.answers()
    findings: list[Finding] = []
    for check in CHECKS:
        if answers or not check.asks_database:
            findings += _look(check, settings)
        elif check.look is database.look:
            findings.append(
                wrong("database", "It does not answer. Look at DATABASE_URL, and whether it runs.")
            )
        else:
            findings.append(note(check.what, "Not looked at: the database does not answer."))
    return findings


def _look(check: Check, settings: Settings) -> list[Finding]:
    try:
        return list(check.look(settings))
    except Exception as error:  # whatever it is: the others are looked at all the same
        log.exception("doctor.cannot_look", what=check.what)
        name, words = type(error).__name__, str(error).partition("\n")[0][:WORDS]
        return [wrong(check.what, f"It could not be looked at ({name}: {words}).")]
    finally:
        db.session.rollback()
