"""The demo's accounts exist on one's own machine only."""

import os
import subprocess
import sys

import pytest

from ffapp.core.environment import SettingError
from ffapp.people.demo import refuse_demo_accounts, what_is_wrong
from tests.processes.child import ROOT


@pytest.fixture
def reached_by_others(settings):
    return settings.changed(public_url="https://founders.test")


@pytest.fixture
def with_real_mail(settings):
    return settings.with_provider(settings.providers["sendgrid"].changed(simulated=False))


@pytest.mark.parametrize("where", ["reached_by_others", "with_real_mail"])
def test_an_app_that_others_reach_does_not_start_with_them(cast, where, request):
    with pytest.raises(SettingError, match="account of the demo, vikram@"):
        refuse_demo_accounts(request.getfixturevalue(where))


def test_on_ones_own_machine_it_does(cast, settings):
    assert what_is_wrong(settings) is None


def test_an_app_without_them_starts(context, reached_by_others):
    refuse_demo_accounts(reached_by_others)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["import wsgi", "from ffapp import worker; worker.build()"])
def test_neither_web_nor_worker_starts_with_them(cast, settings, start):
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "PUBLIC_URL": "https://founders.test",
        "SECRET_KEY": "k3V9xQ2mZ7pL4tR8wB1nC6yH0sD5fGjA",
    }
    done = subprocess.run(
        [sys.executable, "-c", start],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "has an account of the demo, vikram@" in done.stderr.strip().splitlines()[-1]
