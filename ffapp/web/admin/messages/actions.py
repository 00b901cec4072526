"""Sending many messages again whose end is not known, or marking them as delivered."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import flask

from ffapp.ledger import admin_actions
from ffapp.ledger.admin_actions import ActionNotPossible
from ffapp.ledger.models import Effect
from ffapp.web import auth
from ffapp.web.admin.messages.ledger_rows import LedgerRow
from ffapp.web.admin.messages.list import MESSAGES, messages_with
from ffapp.web.auth import admin
from ffapp.web.kit.bulk_actions import Confirmation, Line, Outcome, selected_ids


@admin.route("/messages/retries", methods=["GET", "POST"])
def message_retries() -> flask.typing.ResponseReturnValue:
    return _respond(SENDING)


@admin.route("/messages/deliveries", methods=["GET", "POST"])
def message_deliveries() -> flask.typing.ResponseReturnValue:
    return _respond(DELIVERED)


def _respond(confirmation: Confirmation) -> flask.Response:
    back = auth.back_or(flask.url_for("admin.message_index"))
    return confirmation.respond(selected_ids(MESSAGES.matching_ids), back)


def _line(row: LedgerRow) -> Line:
    url = flask.url_for("admin.message_show", message_id=row.effect.id)
    return Line(row.effect.id, f"{row.what} to {row.to or 'nobody'}", url, about=row.reason or "")


def _refusal(verb: str, row: LedgerRow) -> str | None:
    possible = verb in admin_actions.possible_actions(row.effect)
    return None if possible else f"is {row.effect.state} and waits for nobody"


def _apply(
    act: Callable[[Effect, Any], None],
    done: str,
    rows: Sequence[LedgerRow],
    form: Any,
    versions: Mapping[int, int],
) -> Outcome:
    failed = []
    for row in sorted(rows, key=lambda row: row.effect.id):
        try:
            act(row.effect, auth.me())
        except ActionNotPossible:  # somebody else did it first
            failed.append(row.what)
    said = f"{_count(len(rows) - len(failed))} {done}."
    return Outcome(said, None, failed, "Somebody was quicker:")


def _count(number: int) -> str:
    return f"{number} message is" if number == 1 else f"{number} messages are"


def _messages(rows: Sequence[LedgerRow]) -> str:
    return "this message" if len(rows) == 1 else f"these {len(rows)} messages"


SENDING = Confirmation(
    title=lambda rows: f"Send {_messages(rows)}",
    button=lambda rows: "Send it" if len(rows) == 1 else f"Send {len(rows)} messages",
    load=messages_with,
    line=_line,
    refusal=partial(_refusal, "retry"),
    act=partial(_apply, admin_actions.retry, "sent now"),
    nothing="Choose messages that failed, or of which nobody knows whether they were sent",
    notes=("One that had been sent after all arrives twice.",),
)
DELIVERED = Confirmation(
    title=lambda rows: f"Mark {_messages(rows)} as delivered",
    button=lambda rows: "Mark as delivered",
    load=messages_with,
    line=_line,
    refusal=partial(_refusal, "confirm"),
    act=partial(_apply, admin_actions.confirm, "marked as delivered"),
    nothing="Choose messages of which nobody knows whether they were sent",
    notes=("They are not sent again.",),
)
