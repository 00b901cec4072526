"""The texts for WhatsApp that an admin has taken the place of the house's with.

A new one is written down first; a job asks AiSensy whether its campaign is there and takes so many
parameters. Until AiSensy has said yes, students get the text before it.
"""

from collections.abc import Mapping
from contextlib import suppress

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import URGENT, defer, queue
from ffapp.core.outcomes import ProviderError
from ffapp.messaging import chat_wording
from ffapp.messaging.models import ChatTemplateState, WhatsAppTemplate
from ffapp.people.models import Person
from ffapp.providers.aisensy.campaigns import TEMPLATES, Campaign, Template, campaign_of
from ffapp.providers.aisensy.client import AiSensyClient
from ffapp.providers.aisensy.settings import AiSensySettings

ASKING, USED = ChatTemplateState.ASKING, ChatTemplateState.USED
REFUSED, ENDED = ChatTemplateState.REFUSED, ChatTemplateState.ENDED


def carried(notice: str) -> bool:
    """Whether WhatsApp carries this notice at all."""
    return notice in TEMPLATES


def used_of(notice: str) -> WhatsAppTemplate | None:
    """The admin's own that students get; None where they get that of the house."""
    return db.session.scalar(
        select(WhatsAppTemplate).where(
            WhatsAppTemplate.notice == notice, WhatsAppTemplate.state == USED
        )
    )


def newest_of(notice: str) -> WhatsAppTemplate | None:
    """The one that was written last, unless it has ended."""
    newest = db.session.scalar(
        select(WhatsAppTemplate)
        .where(WhatsAppTemplate.notice == notice)
        .order_by(WhatsAppTemplate.id.desc())
        .limit(1)
    )
    return newest if newest and newest.state != ENDED else None


def used() -> dict[str, WhatsAppTemplate]:
    """Notice → the admin's own that students get."""
    rows = db.session.scalars(select(WhatsAppTemplate).where(WhatsAppTemplate.state == USED))
    return {row.notice: row for row in rows}


def used_campaigns() -> Mapping[str, Template]:
    """Name of a campaign at AiSensy → what it carries, for the admin's own."""
    return {row.campaign: chat_wording.template_of(row.text) for row in used().values()}


def check_campaigns() -> str:
    """One sentence saying that AiSensy takes our key and knows every campaign, also the admin's.

    Raises ProviderError. Where the database does not answer only the other campaigns are checked.
    """
    own: Mapping[str, Template] = {}
    with suppress(SQLAlchemyError):
        own = used_campaigns()
    db.session.rollback()  # no transaction may be open while a provider is asked
    return AiSensyClient.current().check(own)


def campaign_for(notice: str) -> Campaign:
    """What carries this notice now; KeyError when WhatsApp does not carry it."""
    own = used_of(notice)
    if own is None:
        return campaign_of(AiSensySettings.current(), notice)
    return Campaign(own.campaign, notice, chat_wording.template_of(own.text))


def propose(notice: str, campaign: str, text: str, by: Person) -> WhatsAppTemplate:
    """Write a text down and have AiSensy asked; it must have been checked. The caller commits.

    One that still waits for its answer gives way to it.
    """
    _lock(notice)
    _end(notice, ASKING, REFUSED)
    row = WhatsAppTemplate(
        notice=notice, campaign=campaign, text=text, written_by_id=by.id, written_at=clock.now()
    )
    db.session.add(row)
    db.session.flush()
    record("chat_template_written", by=by, on=row, notice=notice, campaign=campaign, text=text)
    defer(ask, template_id=row.id)
    return row


def ask_again(notice: str) -> None:
    """Have AiSensy asked once more about a campaign that it refused. The caller commits."""
    _lock(notice)
    row = newest_of(notice)
    if row is not None and row.state in (REFUSED, ASKING):
        row.state, row.reason, row.settled_at = ASKING, None, None
        defer(ask, template_id=row.id)


def other_notice_of(campaign: str, notice: str, text: str) -> str | None:
    """Another notice that this campaign carries with another text; None where there is none."""
    template = chat_wording.template_of(text)
    for other in TEMPLATES:
        carrier = campaign_for(other)
        if other != notice and carrier.name == campaign and carrier.template != template:
            return other
    return None


def go_back(notice: str, by: Person) -> bool:
    """Send the text of the house again; False when nobody had another. The caller commits."""
    _lock(notice)
    own = used_of(notice) or newest_of(notice)
    if own is None:
        return False
    _end(notice, ASKING, REFUSED, USED)
    record("chat_template_ended", by=by, on=own, notice=notice)
    return True


@queue.task(name="messaging.ask_about_campaign", queue=URGENT)
def ask(template_id: int) -> None:
    """Ask AiSensy about the campaign of a text, and use the text when it says yes."""
    row = db.session.get_one(WhatsAppTemplate, template_id)
    campaign, template = row.campaign, chat_wording.template_of(row.text)
    db.session.rollback()
    reason = None
    try:
        AiSensyClient.current().check_campaign(campaign, template)
    except ProviderError as error:
        reason = error.reason
    transaction(_settle, template_id, reason)


def _settle(template_id: int, reason: str | None) -> None:
    row = db.session.get_one(WhatsAppTemplate, template_id)
    _lock(row.notice)
    db.session.refresh(row)
    if row.state != ASKING:
        return
    row.reason, row.settled_at = reason, clock.now()
    if reason is not None:
        row.state = REFUSED
        record("chat_template_refused", on=row, notice=row.notice, reason=reason)
        return
    _end(row.notice, USED)
    row.state = USED
    record("chat_template_used", on=row, notice=row.notice)


def _end(notice: str, *states: ChatTemplateState) -> None:
    db.session.execute(
        update(WhatsAppTemplate)
        .where(WhatsAppTemplate.notice == notice, WhatsAppTemplate.state.in_(states))
        .values(state=ENDED, settled_at=clock.now())
    )


def _lock(notice: str) -> None:
    """One after the other, for this notice, until the transaction ends."""
    key = func.hashtextextended(f"chat_template:{notice}", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(key)))
