"""What keeps the app in order, whatever is built in it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import flask_migrate
import procrastinate
import pytest
from alembic.script import ScriptDirectory

from ffapp import worker
from ffapp.core import jobs
from ffapp.core.schema import MIGRATIONS, newest_migration
from ffapp.ledger import handlers
from ffapp.messaging import compose
from ffapp.subscriptions import SUBSCRIPTIONS
from ffapp.web.kit import status_badges

ROOT = Path(__file__).parents[2]
CODE = sorted((ROOT / "ffapp").rglob("*.py"))


def trees():
    return {path: ast.parse(path.read_text()) for path in CODE}


def test_imports_run_one_way():
    linter = Path(sys.executable).with_name("lint-imports")

    result = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout


def test_the_models_are_what_the_migrations_make(app):
    with app.app_context():
        flask_migrate.check()


def test_the_newest_migration_is_the_end_of_the_chain():
    chain = ScriptDirectory(str(MIGRATIONS))

    assert newest_migration() == chain.get_current_head()
    chained = [each.revision for each in chain.walk_revisions()]
    assert chained == sorted(chained, reverse=True), "a migration follows one of a higher number"


def test_the_newest_schema_of_the_queue_is_carried():
    shipped = Path(procrastinate.__file__).parent / "sql" / "migrations"
    carried = (ROOT / "migrations" / "procrastinate" / "carried.txt").read_text().split()

    assert sorted(path.name for path in shipped.iterdir()) == sorted(carried)


def test_every_queue_is_watched_by_the_worker(app):
    watched = {jobs.URGENT, jobs.BULK, jobs.DEFAULT, jobs.SWEEPS, jobs.SIMULATOR}
    source = Path(worker.__file__).read_text()

    used = {task.queue for task in jobs.queue.tasks.values() if "procrastinate" not in task.name}
    assert used - {"builtin"} <= set(jobs.QUEUES) == watched
    for name in watched:
        assert re.search(rf"\[[^\]]*\b{name.upper()}\b[^\]]*\], ", source), f"{name} is not served"


def test_every_event_that_is_recorded_stands_in_the_table():
    recorded = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record"
            if called and node.args and isinstance(node.args[0], ast.Constant):
                recorded.add(node.args[0].value)

    named_by_a_variable = {
        "class_moved", "class_renamed", "class_edited",
        "recording_published", "recording_unpublished",
        "recording_trashed", "recording_deleted", "recording_recovered", "students_imported",
    }  # fmt: skip
    assert recorded | named_by_a_variable == set(SUBSCRIPTIONS)


def test_every_text_of_a_notice_can_be_sent(app):
    for notice in compose.all_notices():
        if notice.is_editable:
            assert compose.problems(notice, notice.standard) == [], notice.name
        assert notice.name in handlers._preconditions


def test_every_state_has_a_chip():
    from ffapp.attendance.attendance import AttendanceStatus
    from ffapp.classes.models import RecordingState
    from ffapp.classes.phase import Phase
    from ffapp.ledger.models import State
    from ffapp.messaging.models import ChatStatus, MailStatus
    from ffapp.webhooks.models import DeliveryState

    for kind, states in (
        ("effect", State),
        ("mail", MailStatus),
        ("chat", ChatStatus),
        ("class", Phase),
        ("attendance", AttendanceStatus),
        ("recording", RecordingState),
        ("delivery", DeliveryState),
    ):
        assert {str(state) for state in states} == set(status_badges.BADGES[kind])


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_are_small(path):
    tree = ast.parse(path.read_text())

    assert len(path.read_text().splitlines()) <= 300
    if path.name == "__init__.py":
        assert path.read_text() == ""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"


def test_the_lines_of_templates_can_be_read():
    """But for the icons' paths, htmx's settings, and a text that is translated as a whole."""
    for path in (ROOT / "templates").rglob("*.html"):
        if path.name in ("icon.html", "base.html", "frame.html"):
            continue
        for line in path.read_text().splitlines():
            assert len(line) <= 220 or '_("' in line, f"{path}: {line}"


def test_the_code_is_linted():
    commands = (
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--check", "--no-cache", "."],
        ["djlint", "--lint", "--quiet", "templates"],
    )
    for program, *arguments in commands:
        result = subprocess.run(
            [Path(sys.executable).with_name(program), *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout
