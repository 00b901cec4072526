"""Everything that `ffapp doctor` looks at, one after the other; none keeps another from it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog

from ffapp.app import create_app
from ffapp.core import logs
from ffapp.core.config import Settings
from ffapp.core.db import db
from ffapp.core.environment import SettingError
from ffapp.doctor import database, periodic
from ffapp.doctor import settings as of_settings
from ffapp.doctor.findings import Finding, note, ok, wrong
from ffapp.providers.connections import check_connection
from ffapp.providers.kit.provider import Provider
from ffapp.providers.registry import PROVIDERS, read_settings
from ffapp.web.kit import alerts
from ffapp.web.kit.alerts import Alert

log = structlog.get_logger()

NOTHING_RUNS = " No app runs here: start one with make run, and ask again in another terminal."
WORDS = 300  # of an error of ours that is shown

Look = Callable[[Settings], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    what: str
    look: Look
    asks_database: bool = True


def _checks() -> list[Check]:
    """Those that look at the installation, and the alerts that belong to the doctor's list."""
    return [
        Check("settings", of_settings.look, asks_database=False),
        Check("database", database.look),
        Check("migrations", database.look_at_migrations),
        Check("accounts", database.look_at_accounts),
        Check("periodic jobs", periodic.look),
        *(Check(each.title, _look_at_alert(each)) for each in alerts.read_by(alerts.DOCTOR)),
        *(
            Check(each.title, _ask(each), asks_database=each.check_asks_database)
            for each in PROVIDERS
        ),
    ]


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """What is found in the app that `environ` describes."""
    logs.configure("error")  # what is found is said here, and not a second time
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
        return examine_app(settings)


def examine_app(settings: Settings) -> list[Finding]:
    """The same for the application of the context."""
    answers = database.answers()
    findings: list[Finding] = []
    for check in _checks():
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


def _ask(provider: Provider) -> Look:
    def look(settings: Settings) -> list[Finding]:
        said = check_connection(provider, settings)
        what = f"{said.provider} (simulated)" if said.simulated else said.provider
        return [(ok if said.works else wrong)(what, said.sentence)]

    return look


def _look_at_alert(alert: Alert) -> Look:
    """What Today says of it; what can wait is a note."""

    def look(settings: Settings) -> list[Finding]:
        found = alerts.find([alert])[alert.name]
        mark = wrong if alert.tone == "bad" else note
        return [mark(alert.title, f"{each.sentence} {alert.hint}".rstrip()) for each in found] or [
            ok(alert.title, alert.well)
        ]

    return look
