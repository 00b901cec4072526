"""How the ledger performs an e-mail: one call for up to a thousand people."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.i18n import known, language
from ffapp.core.outcomes import Accepted, Outcome, Refused
from ffapp.ledger.handlers import EffectHandler, Prepared
from ffapp.ledger.models import Effect
from ffapp.messaging import attachments, compose
from ffapp.messaging.compose import Sheet
from ffapp.messaging.models import EmailLog, MailSheet, MailStatus, SuppressionReason
from ffapp.messaging.recipients import Recipient as To
from ffapp.messaging.recipients import recipients_of
from ffapp.messaging.suppression import suppress
from ffapp.providers.sendgrid.client import Mail, Recipient, SendGridClient

BATCH = 1000  # what one mail/send call takes
WRITE_LOGS = text("""
INSERT INTO email_logs (effect_id, sheet_id, address, words, message_id, status, status_at, reason,
                        created_at)
SELECT effect_id, :sheet_id, address, words, message_id, status, :now, reason, :now
  FROM jsonb_to_recordset(CAST(:logs AS jsonb))
    AS log (effect_id bigint, address text, words jsonb, message_id text, status text, reason text)
    ON CONFLICT (effect_id) DO UPDATE
   SET sheet_id = excluded.sheet_id, address = excluded.address, words = excluded.words,
       message_id = excluded.message_id, status = excluded.status, status_at = excluded.status_at,
       reason = excluded.reason
""")


def handler() -> EffectHandler:
    return EffectHandler(
        kind="email",
        provider="SendGrid",
        prepare=_prepare,
        call=_call,
        record=_record,
        ask=None,  # SendGrid offers no free way to ask what became of a message
        batch_size=BATCH,
        same_call=lambda each: each.content["sheet"].nonce,  # one for each composed sheet
    )


def _prepare(effects: Sequence[Effect]) -> Mapping[int, dict[str, Any] | str]:
    recipients = recipients_of(effects)
    by_language: dict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        to = recipients.get(effect.id)
        by_language[known(to.language if to else None)].append(effect)
    content: dict[int, dict[str, Any] | str] = {}
    for code, same in by_language.items():
        with language(code):
            content |= _prepare_in_language(same, recipients)
    return content


def _prepare_in_language(
    effects: Sequence[Effect], recipients: Mapping[int, To]
) -> dict[int, dict[str, Any] | str]:
    notice = compose.notice_of(effects[0])
    sheet = compose.compose(notice, effects[0])
    words = compose.words_of(notice, effects, recipients)
    return {
        effect.id: (
            {
                "sheet": sheet,
                "address": recipients[effect.id].email,
                "name": recipients[effect.id].first_name,
                "words": words[effect.id],
                "shown": compose.without_secrets(notice, words[effect.id]),
            }
            if effect.id in words and recipients[effect.id].email
            else "No e-mail address is known any more."
        )
        for effect in effects
    }


def _call(prepared: Sequence[Prepared]) -> Mapping[int, Outcome]:
    sheet: Sheet = prepared[0].content["sheet"]
    reference = SendGridClient.current().send(
        Mail(
            subject=sheet.subject,
            text=sheet.text,
            html=sheet.html,
            recipients=[
                Recipient(
                    email=each.content["address"],
                    name=each.content["name"],
                    effect_id=str(each.effect_id),
                    substitutions=compose.substitutions(each.content["words"], sheet.nonce),
                )
                for each in prepared
            ],
            attachments=sheet.attachments,
        )
    )
    return {each.effect_id: Accepted(reference) for each in prepared}


def _record(rows: Sequence[tuple[Effect, Prepared | None, Outcome]]) -> None:
    """Write the log row of every mail; one statement for a whole batch.

    One that somebody else settled than the worker that sent it has a row without its text.
    """
    for effect in [effect for effect, each, _ in rows if each is None]:
        keep_log(effect)
    sent = [(effect, each, outcome) for effect, each, outcome in rows if each is not None]
    if not sent:
        return
    logs = [
        {
            "effect_id": effect.id,
            "address": each.content["address"],
            "words": each.content["shown"],
            "message_id": getattr(outcome, "reference", None),
            "status": MailStatus.HANDED_OVER if isinstance(outcome, Accepted) else None,
            "reason": getattr(outcome, "reason", None),
        }
        for effect, each, outcome in sent
    ]
    sheet_id = _sheet_id(sent[0][1].content["sheet"])
    values = {"logs": json.dumps(logs), "sheet_id": sheet_id, "now": clock.now()}
    db.session.execute(WRITE_LOGS, values)
    for _, each, outcome in sent:
        if isinstance(outcome, Refused) and outcome.code == "address":
            suppress(
                each.content["address"], SuppressionReason.BOUNCED, outcome.reason, clock.now()
            )


def keep_log(effect: Effect, address: str | None = None) -> None:
    """Write the log row of a mail whose own worker could not, unless it is there.

    The `address` is the recipient's own where the provider has not named one.
    """
    if address is None and (to := recipients_of([effect]).get(effect.id)):
        address = to.email
    row = insert(EmailLog).values(
        effect_id=effect.id,
        address=address or "",
        words={},
        message_id=effect.provider_ref,
        status=MailStatus.HANDED_OVER,
        status_at=clock.now(),
        created_at=clock.now(),
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=["effect_id"]))


def _sheet_id(sheet: Sheet) -> int:
    row = insert(MailSheet).values(
        digest=sheet.digest,
        subject=sheet.subject,
        text=sheet.text,
        html=sheet.html,
        nonce=sheet.nonce,
        attachments=attachments.stored(sheet.attachments),
    )
    # The no-op update makes the row come back also when it was there before.
    return int(
        db.session.scalar(
            row.on_conflict_do_update(
                index_elements=["digest"], set_={"digest": row.excluded.digest}
            ).returning(MailSheet.id)
        )
        or 0
    )
