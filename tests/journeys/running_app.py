"""A running programme, seen from outside of its processes."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from ffapp.providers.zoom import wire
from tests.journeys.seed import Seeder
from tests.journeys.visitor import Visitor
from tests.tables import empty

ROOT = Path(__file__).parents[2]
PATIENCE = 120


@dataclass
class RunningApp:
    """Where it is, the variables of its processes, and who writes rows for it."""

    url: str
    environment: dict[str, str]
    seeder: Seeder

    def run(self, *command: str) -> str:
        """What Python prints for `command` in a process of this app."""
        done = subprocess.run(
            [sys.executable, *command],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def admin_link(self) -> str:
        """What lets its first admin in."""
        command = ("-m", "ffapp.cli", "admin", "vikram@school.example", "Vikram Rao")
        return self.run(*command).strip().splitlines()[-1]

    def newest(self, table: str) -> int:
        """The id of the last row of a table."""
        with self._engine().connect() as connection:
            return connection.scalar(text(f"SELECT max(id) FROM {table}"))

    def change_rows(self, statement: str, **values: object) -> None:
        """Change rows behind the programme's back."""
        with self._engine().begin() as connection:
            connection.execute(text(statement), values)

    def begin_earlier(self, class_id: int, minutes: int) -> None:
        """Let the class and its running meeting have begun so much earlier, also at Zoom: a class
        is over only after its time, and a recording of seconds is none."""
        ago, began = timedelta(minutes=minutes), "SET {0} = {0} - :ago WHERE {1} = :id"
        with self._engine().begin() as connection:
            for table, column, key in (
                ("sessions", "starts_at", "id"),
                ("sessions", "started_at", "id"),
                ("meeting_instances", "started_at", "session_id"),
                ("participant_sessions", "joined_at", "session_id"),
            ):
                statement = f"UPDATE {table} {began.format(column, key)}"
                connection.execute(text(statement), {"ago": ago, "id": class_id})
            held = text("SELECT id, data FROM simulator.things WHERE kind = 'instance'")
            for key, data in connection.execute(held).all():
                for span, name in (
                    (data, "start_time"),
                    *((it, "start") for it in data["segments"]),
                ):
                    span[name] = wire.instant(datetime.fromisoformat(span[name]) - ago)
                changed = text("UPDATE simulator.things SET data = :data WHERE id = :id")
                connection.execute(changed, {"data": json.dumps(data), "id": key})

    def has_invited(self, admin: Visitor) -> bool:
        """Whether an invitation is in the mailbox; its minute for undoing is over at once."""
        return self.has_sent("invitation", "@students.example", admin)

    def has_sent(self, rule: str, to: str, admin: Visitor) -> bool:
        """Whether such a mail is in the mailbox; it goes at once."""
        self.change_rows(
            "UPDATE effects SET due_at = now() WHERE rule = :rule AND state = 'planned'", rule=rule
        )
        admin.page.goto("/simulators/mailbox")
        return to in admin.page.locator("main").inner_text()

    def empty(self) -> None:
        """Delete all rows, at a moment in which the worker has nothing in hand."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with self._engine().begin() as connection:
                if _is_idle(connection):
                    empty(connection, but="procrastinate_workers")
                    return
            time.sleep(0.05)
        raise AssertionError("the worker never rests")

    def _engine(self) -> Engine:
        address = self.environment["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:")
        return create_engine(address, poolclass=NullPool)


def _is_idle(connection: Connection) -> bool:
    connection.execute(text("LOCK TABLE procrastinate_jobs"))
    doing = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    return not connection.scalar(text(doing))
