"""Addresses and numbers that nothing reaches, or must: noted, asked about by the gate, lifted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert

from ffapp.core import clock
from ffapp.core.db import db, is_among, transaction
from ffapp.core.events import record
from ffapp.core.jobs import URGENT, defer, queue
from ffapp.core.outcomes import ProviderError
from ffapp.ledger.models import ACCOUNT, Effect
from ffapp.messaging import undelivered
from ffapp.messaging.models import Suppression, SuppressionReason
from ffapp.messaging.recipients import address_of, recipients_of
from ffapp.people.models import Person
from ffapp.providers.sendgrid.client import SendGridClient

# What an admin may lift, once whatever was wrong is right again.
LIFTABLE = (SuppressionReason.BOUNCED, SuppressionReason.NO_WHATSAPP)
ASKED = " · "  # between a reason and what came of asking SendGrid to forget it


def unreachable(effects: Sequence[Effect]) -> dict[int, str]:
    """The gate's question: effect id → why it cannot, or must not, go to that address or number.

    Mail about an account is tried all the same.
    """
    messages = [effect for effect in effects if effect.purpose != ACCOUNT]
    recipients = recipients_of(messages)
    addresses = {
        effect.id: address_of(recipients[effect.id], effect.kind)
        for effect in messages
        if effect.id in recipients
    }
    rows = db.session.execute(
        select(Suppression.address, Suppression.reason, Suppression.cause).where(
            is_among(Suppression.address, {each for each in addresses.values() if each}),
            Suppression.holds,
        )
    ).all()
    found = {row.address: row.reason for row in rows}
    # A telephone that has no WhatsApp rings all the same.
    no_call = {
        row.address: row.reason for row in rows if row.cause != SuppressionReason.NO_WHATSAPP
    }
    why = {effect.id: no_call if effect.kind == "call" else found for effect in messages}
    return {id_: why[id_][each] for id_, each in addresses.items() if each in why[id_]}


def suppress(address: str, cause: SuppressionReason, reason: str, since: datetime) -> None:
    """Nothing goes there from `since` on. News may come late: the latest counts, and its reason."""
    row = insert(Suppression).values(address=address, cause=cause, reason=reason, since=since)
    is_news = row.excluded.since > Suppression.since
    newest = {
        "since": func.greatest(Suppression.since, row.excluded.since),
        "reason": case((is_news, row.excluded.reason), else_=Suppression.reason),
    }
    db.session.execute(row.on_conflict_do_update(index_elements=["address", "cause"], set_=newest))


def record_opt_in(address: str, at: datetime) -> None:
    """Its owner wants to be written to, since `at`: what they said before that holds no more."""
    row = insert(Suppression).values(
        address=address,
        cause=SuppressionReason.OPTED_OUT,
        reason="They wrote START on WhatsApp.",
        since=at,
        lifted_at=at,
    )
    lifted = func.greatest(Suppression.lifted_at, row.excluded.lifted_at)
    db.session.execute(
        row.on_conflict_do_update(index_elements=["address", "cause"], set_={"lifted_at": lifted})
    )


def lift(suppression: Suppression, person: Person, by: Person) -> bool:
    """Let the person be written to there again; False when that is not an admin's to say.

    SendGrid keeps a list of its own of what came back, and is asked by a job to forget it first.
    """
    db.session.refresh(suppression, with_for_update=True)
    if not suppression.holds or suppression.cause not in LIFTABLE:
        return False
    record("address_lifted", by=by, on=person, channel=_channel(suppression))
    if suppression.cause == SuppressionReason.BOUNCED:
        defer(forget_bounce, suppression_id=suppression.id)
    else:
        _lifted(suppression, clock.now())
    return True


def of_person(person: Person) -> Sequence[Suppression]:
    """Those of the person's addresses that nothing goes to."""
    mine = [each for each in (person.email, person.phone) if each]
    return db.session.scalars(
        select(Suppression)
        .where(Suppression.address.in_(mine), Suppression.holds)
        .order_by(Suppression.id)
    ).all()


@queue.task(name="messaging.forget_bounce", queue=URGENT)
def forget_bounce(suppression_id: int) -> None:
    """Have SendGrid forget that an address did not take mail; asking twice is the same as once."""
    row = db.session.get_one(Suppression, suppression_id)
    address, asked_at, problem = row.address, clock.now(), None
    db.session.rollback()
    try:
        SendGridClient.current().forget_bounce(address)
    except ProviderError as error:
        problem = f"SendGrid was asked to forget that, and did not: {error.reason}"

    def record() -> None:
        found = db.session.get_one(Suppression, suppression_id, with_for_update=True)
        if problem is None:
            _lifted(found, asked_at)
        elif found.holds:
            found.reason = f"{found.reason.partition(ASKED)[0]}{ASKED}{problem}"

    transaction(record)


def _lifted(suppression: Suppression, at: datetime) -> None:
    """What did not arrive there is known, and needs nobody any more."""
    suppression.lifted_at = at
    undelivered.see_all_to(suppression.address, at)


def _channel(suppression: Suppression) -> str:
    return "whatsapp" if suppression.cause == SuppressionReason.NO_WHATSAPP else "email"
