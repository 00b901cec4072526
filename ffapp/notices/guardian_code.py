"""A guardian has chosen, and confirms it with a one-time code."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select

from ffapp.core import clock, signing
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Notice, Occasion, Topic, sample_effect
from ffapp.notices.kit import about_guardian
from ffapp.people.guardian_codes import WORKS, usable
from ffapp.people.models import GuardianCode


def _occasion(event: Event) -> Occasion:
    code_id = event.facts["code_id"]
    asked = about_guardian.to_guardian(event)
    return replace(
        asked,
        payload={**asked.payload, "code_id": code_id},
        channels=[event.facts["channel"]],
        useful_until=clock.now() + WORKS,
    )


def _still_good(effects: Sequence[Effect]) -> Mapping[int, str]:
    codes = _codes(effects)
    return {
        each.id: "The code was used, replaced or is too old."
        for each in effects
        if not usable(codes[each.payload["code_id"]])
    }


def _words(effects: Sequence[Effect]) -> Mapping[int, Mapping[str, str]]:
    codes = _codes(effects)
    return {
        each.id: {"code": signing.decrypt(codes[each.payload["code_id"]].code)} for each in effects
    }


def _codes(effects: Sequence[Effect]) -> dict[int, GuardianCode]:
    ids = {each.payload["code_id"] for each in effects}
    rows = db.session.scalars(select(GuardianCode).where(GuardianCode.id.in_(ids)))
    return {row.id: row for row in rows}


NOTICE = Notice(
    name="guardian_code",
    title="Code for a guardian",
    topic=Topic(
        variables={"code": Variable("the one-time code", "•••", personal=True, secret=True)},
        personal=_words,
        example=lambda rule, person: sample_effect(rule, person, {}),
    ),
    channels=["email", "whatsapp"],
    asks_consent=True,
    occasion=_occasion,
    preconditions=_still_good,
    subject=_("Your code for Future Founders"),
    text=_("""
# Your code

Hello {{ first_name }},

enter this code on the page where you have just decided about your child:
**{{ code }}**

It works for 30 minutes. If you did not ask for it, do nothing: nothing is changed.
"""),
    whatsapp="your code for Future Founders is {{ code }}. Enter it on the page where you have "
    "just decided about your child; it works for 30 minutes.",
)
