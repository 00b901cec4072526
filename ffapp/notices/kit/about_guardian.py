"""What notices to guardians share: their link, and whether they are still to be asked.

They do not name the child: a provider hears nothing of a child before a guardian agrees.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ffapp.core import clock
from ffapp.core.events import Event
from ffapp.core.i18n import lazy_gettext as _
from ffapp.ledger.models import Effect
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Occasion, Topic, is_sample, sample_effect
from ffapp.messaging.recipients import recipients_of
from ffapp.people.age import is_adult
from ffapp.people.consent import Purpose, latest_consents
from ffapp.people.guardian_links import url_of
from ffapp.people.models import Guardian

HELPS = timedelta(days=30)
WHY = _(
    "You get this because your child was invited to Future Founders and you were named as the "
    "guardian. If that was a mistake, do nothing."
)


def to_guardian(event: Event) -> Occasion:
    """To the guardian whom the event names."""
    return Occasion(
        people=[event.subject_id],
        subject=f"person={event.subject_id}",
        occurrence=f"event={event.id}",
        payload={"guardian_id": event.facts["guardian_id"]},
        useful_until=clock.now() + HELPS,
    )


def still_decides(effects: Sequence[Effect]) -> Mapping[int, str]:
    """The precondition: the guardian is known, and the student still a child."""
    guardians = recipients_of(effects)
    reasons = {}
    for effect in effects:
        guardian = guardians.get(effect.id)
        if not isinstance(guardian, Guardian):
            reasons[effect.id] = "The guardian is not known any more."
        elif is_adult(guardian.student):
            reasons[effect.id] = "The student is an adult by now, and decides alone."
    return reasons


def still_open(effects: Sequence[Effect]) -> Mapping[int, str]:
    """The precondition of a reminder: nobody has answered yet."""
    said = latest_consents([each.person_id for each in effects if each.person_id])
    answered = {
        each.id: "A guardian has answered meanwhile."
        for each in effects
        if (each.person_id, Purpose.ACCOUNT) in said
    }
    return {**still_decides(effects), **answered}


def _words(effects: Sequence[Effect]) -> Mapping[int, Mapping[str, str]]:
    guardians = recipients_of([each for each in effects if not is_sample(each)])
    return {
        id_: {"link": url_of(guardian)}
        for id_, guardian in guardians.items()
        if isinstance(guardian, Guardian)
    }


TOPIC = Topic(
    variables={
        "link": Variable("the guardian’s own link", "•••", personal=True, secret=True, address=True)
    },
    personal=_words,
    example=lambda rule, person: sample_effect(rule, person, {}),
)
