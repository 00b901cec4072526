"""The cast's rows, made once in each process: a test gets a copy of them, in one round trip."""

from collections.abc import Iterator

from sqlalchemy import text

from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Cohort
from tests.cast import Cast, make_cast
from tests.drain import Drain
from tests.tables import AS_GIVEN, empty, tables


class CastRows:
    """A copy of everything that stands in the database once the cast is there."""

    def __init__(self, worker: Drain) -> None:
        with worker.app.app_context():
            cast = make_cast()
            self._ids = {name: each.id for name, each in vars(cast).items()}
        worker.drain()  # so that a test waits for nothing but what follows its own acts
        with worker.app.app_context():
            self._puts = ";".join(self._keep())

    def _keep(self) -> Iterator[str]:
        with db.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA kept"))
            for table in tables(connection, but="procrastinate%"):
                copy = f"kept.{table.replace('.', '_')}"
                if connection.execute(text(f"CREATE TABLE {copy} AS TABLE {table}")).rowcount:
                    yield f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE {copy}"
            empty(connection)

    def put(self) -> Cast:
        """Commit the rows again; answers the cast of the present session."""
        db.session.execute(text(AS_GIVEN + self._puts))
        db.session.commit()
        people = {
            name: db.session.get_one(Cohort if name == "cohort" else Person, id_)
            for name, id_ in self._ids.items()
        }
        return Cast(**people)  # type: ignore[arg-type]
