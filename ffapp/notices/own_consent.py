"""A student is 18 now, and decides alone what may be done with their data."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ffapp.core import clock, config
from ffapp.core.events import Event
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Notice, Occasion, Topic, sample_effect
from ffapp.people.consent import Purpose, latest_consents

HELPS = timedelta(days=30)


def _occasion(event: Event) -> Occasion:
    return Occasion(
        people=[event.subject_id],
        subject=f"person={event.subject_id}",
        occurrence=f"event={event.id}",
        payload={},
        useful_until=clock.now() + HELPS,
    )


def _still_open(effects: Sequence[Effect]) -> Mapping[int, str]:
    said = latest_consents([each.person_id for each in effects if each.person_id])
    return {
        each.id: "They have answered already."
        for each in effects
        if (each.person_id, Purpose.ACCOUNT) in said
    }


NOTICE = Notice(
    name="own_consent",
    title="18: you decide yourself",
    topic=Topic(
        variables={
            "consent_url": Variable("the address of their decisions", "https://…", address=True)
        },
        values=lambda effect: {"consent_url": f"{config.current().public_url}/me/consent"},
        example=lambda rule, person: sample_effect(rule, person, {}),
    ),
    channels=["email"],
    asks_consent=True,
    occasion=_occasion,
    preconditions=_still_open,
    subject=_("You are 18: now you decide yourself"),
    text=_("""
# Now you decide yourself

Hello {{ first_name }},

you are 18 or older, so what a guardian has decided about your data counts no longer.
Until you decide yourself, you get no news of classes from us. It takes two minutes:
[Read and decide]({{ consent_url }})
"""),
    why=_("You get this because you have a place at Future Founders."),
)
