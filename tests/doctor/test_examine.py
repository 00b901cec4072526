"""The doctor as a whole: one bad check stops no other, and the real command says it all."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import column, create_engine, select, table

from ffapp.core.db import db, transaction
from ffapp.core.jobs import defer
from ffapp.doctor import examine
from ffapp.doctor.findings import Mark
from ffapp.providers.sendgrid.provider import SENDGRID
from ffapp.web.admin.today.declarations import JOBS_LATE
from ffapp.web.kit import alerts
from ffapp.webhooks import inbox
from tests.conftest import ENVIRONMENT
from tests.processes import witness
from tests.processes.child import ROOT, free_port
from tests.web.test_health import worker_seen

FFAPP = [sys.executable, "-m", "ffapp.cli"]


@pytest.fixture
def doctor(tmp_path):
    """Runs `ffapp doctor` in a process, where no app runs."""

    def run(*arguments, **environment):
        plain = {"PATH": os.environ["PATH"], "FFAPP_VAR": str(tmp_path)}
        return subprocess.run(
            [*FFAPP, "doctor", *arguments],
            cwd=ROOT,
            env=plain | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def marks(findings):
    return {each.what: each.mark for each in findings}


def test_a_check_that_breaks_is_wrong_and_stops_no_other(context, settings, monkeypatch):
    def break_it():
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(SENDGRID.client, "current", break_it)

    found = examine.examine_app(settings)

    (broken,) = [each for each in found if each.what == "SendGrid"]
    assert broken.mark is Mark.WRONG
    assert broken.says == "It could not be looked at (KeyError: 'a mistake of ours')."
    assert marks(found)["AiSensy (simulated)"] is Mark.OK


def test_an_alert_is_a_line_and_one_that_breaks_stops_no_other(context, settings, monkeypatch):
    worker_seen(seconds_ago=1)
    transaction(defer, inbox.handle_waiting, provider="zoom")
    witness.sql("UPDATE procrastinate_jobs SET status = 'failed'")
    transaction(inbox.refuse, "zoom", "the signature does not fit the body")
    broken = replace(
        JOBS_LATE, query=lambda now: select(table("nothing_of_the_kind", column("since")))
    )
    others = [each for each in alerts.ALERTS if each is not JOBS_LATE]
    monkeypatch.setattr(alerts, "ALERTS", [*others, broken])

    found = {each.what: each for each in examine.examine_app(settings)}

    assert found["failed jobs"].mark is Mark.WRONG
    assert found["failed jobs"].says.startswith("A webhook broke and was not done")
    assert found["webhooks"].mark is Mark.NOTE
    assert "Compare ZOOM_WEBHOOK_SECRET" in found["webhooks"].says
    assert found["worker"].says == "One is alive."
    assert "UndefinedTable" in found["waiting jobs"].says
    assert "\n" not in found["waiting jobs"].says
    assert found["Zoom (simulated)"].mark is Mark.OK


def test_without_a_worker_it_says_how_to_start_one(context, settings):
    (said,) = [each for each in examine.examine_app(settings) if each.what == "worker"]

    assert said.mark is Mark.WRONG
    assert said.says.endswith("Start one: python -m ffapp.worker")


def test_without_a_database_what_does_not_need_it_is_looked_at(context, settings, monkeypatch):
    nowhere = create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing")
    with monkeypatch.context() as elsewhere:
        elsewhere.setitem(db.engines, None, nowhere)
        found = examine.examine_app(settings)

    said = marks(found)
    assert said["database"] is Mark.WRONG
    assert (said["migrations"], said["worker"], said["Zoom"]) == (Mark.NOTE,) * 3
    assert said["SendGrid (simulated)"] is Mark.OK
    assert said["settings"] is Mark.OK


def test_an_app_that_is_well_has_nothing_wrong_but_what_nobody_did_yet(context, settings):
    worker_seen(seconds_ago=1)

    wrong = {each.what for each in examine.examine_app(settings) if each.mark is Mark.WRONG}

    assert {name for name in wrong if "." not in name} == set(), "periodic jobs need a real worker"


def test_a_setting_that_cannot_be_read_is_named_and_the_exit_code_says_so(doctor):
    given = {**ENVIRONMENT, "DATABASE_URL": "postgres://u@127.0.0.1/x", "ZOOM_MODE": "fake"}
    done = doctor(**given)

    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first.startswith("wrong  settings")
    assert "ZOOM_MODE must be real or simulated" in first
    assert second.startswith("note   all else")
    assert done.stderr == ""


def test_where_nothing_runs_it_says_what_is_missing(doctor):
    done = doctor("--json")

    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert told["findings"][0]["mark"] == "wrong"
    assert " is not set" in told["findings"][0]["says"]
    assert "start one with make run" in told["findings"][0]["says"]


def test_a_database_that_does_not_answer_is_told_without_its_password(doctor):
    address = f"postgres://founder:secret@127.0.0.1:{free_port()}/ffapp"

    done = doctor(
        **{**ENVIRONMENT, "DATABASE_URL": address, "SIMULATORS_URL": "http://127.0.0.1:9"}
    )

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(line.startswith("wrong  database") for line in lines)
    assert any(line.startswith("wrong  SendGrid (simulated)") for line in lines)
    assert "secret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
