"""The jobs that a worker knows are those that docs/running.md lists, at the times it says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CRON = {
    "every 5 seconds": "* * * * * */5",
    "every minute": "* * * * *",
    "every 5 minutes": "*/5 * * * *",
    "every hour, at 7 past": "7 * * * *",
    "every hour, at 17 past": "17 * * * *",
}
# In a process of its own: what other tests have imported is unknown to a worker.
ASK = """
import json
from ffapp import worker
from ffapp.core.jobs import queue
periodic = [(task.task.name, task.cron) for task in queue.periodic_registry.periodic_tasks.values()]
names = [name for name, task in queue.tasks.items() if task.queue != "builtin"]
print(json.dumps({"periodic": periodic, "names": names}))
"""


@pytest.fixture(scope="module")
def known():
    """What a worker knows: `names` of all jobs, and (name, cron) of the `periodic` ones."""
    asked = [sys.executable, "-c", ASK]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def listed():
    """Name → when, as docs/running.md has them."""
    table = (ROOT / "docs" / "running.md").read_text().partition("## Jobs")[2]
    rows = re.findall(r"^\| (`.+?`) \| (.*?) \|", table, re.MULTILINE)
    return {name: when for names, when in rows for name in re.findall(r"`(.+?)`", names)}


def test_every_job_is_listed(known):
    assert sorted(known["names"]) == sorted(listed())


def test_the_periodic_jobs_come_when_the_list_says(known):
    periodic = {name: CRON[when] for name, when in listed().items() if when.startswith("every ")}

    assert dict(known["periodic"]) == periodic
    assert len(known["periodic"]) == len(periodic), "one stands twice"


def test_recordings_are_synced_every_hour(known):
    assert ["recordings.sync", "17 * * * *"] in known["periodic"]
