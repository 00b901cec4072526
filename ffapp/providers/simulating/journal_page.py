"""The journal: every act that a simulated provider was asked for, newest first."""

import json

import flask
from sqlalchemy import Text, cast, or_, select

from ffapp.providers.simulating import paging
from ffapp.providers.simulating.store import journal, open_store

FACT_LETTERS = 600
blueprint = flask.Blueprint("journal", __name__)


@blueprint.get("/journal")
def listed() -> str:
    """Filters: `provider`, `act`, `effect` (exact), `q` (anywhere in recipient, act or facts)."""
    asked = paging.filters()
    query = select(journal).order_by(journal.c.id.desc())
    for name, column in (
        ("provider", journal.c.provider),
        ("act", journal.c.act),
        ("effect", journal.c.effect_id),
    ):
        wanted = asked.get(name)
        if wanted:
            query = query.where(column == wanted)
    words = asked.get("q")
    if words:
        pattern = paging.like(words)
        columns = (journal.c.recipient, journal.c.act, cast(journal.c.facts, Text))
        query = query.where(or_(*(column.ilike(pattern) for column in columns)))
    with open_store().connect() as connection:
        page = paging.fetch(connection, query)
        acts = connection.scalars(select(journal.c.act).distinct().order_by(journal.c.act)).all()
    return flask.render_template("simulators/journal.html", page=page, acts=acts, facts=_facts)


def _facts(facts: dict[str, object]) -> list[tuple[str, str]]:
    """Name and value of each fact, long ones cut."""
    texts = {name: _text(value) for name, value in facts.items() if value not in ("", None, [], {})}
    return [
        (name, text if len(text) <= FACT_LETTERS else text[:FACT_LETTERS] + " …")
        for name, text in texts.items()
    ]


def _text(value: object) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
