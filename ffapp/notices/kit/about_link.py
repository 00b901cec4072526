"""What notices with a link share that sets a password: the link, and whether it is still good."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger.models import Effect
from ffapp.messaging.markup import Variable
from ffapp.messaging.notice import Occasion, Topic, sample_effect
from ffapp.people.links import url_of
from ffapp.people.models import AccessLink, Person


def to_its_person(event: Event) -> Occasion:
    """To the person alone whom the link is for, until it expires."""
    link = db.session.get_one(AccessLink, event.facts["link_id"])
    return Occasion(
        people=[link.person_id],
        subject=f"person={link.person_id}",
        occurrence=f"link={link.id}",
        payload={"link_id": link.id},
        useful_until=link.expires_at,
    )


def still_good(effects: Sequence[Effect]) -> Mapping[int, str]:
    """The precondition: a link that was used, replaced or has expired is not sent."""
    links, now = _links(effects), clock.now()
    return {
        effect.id: "The link was used or replaced by a newer one."
        for effect in effects
        if (link := links[effect.payload["link_id"]]).used_at
        or link.withdrawn_at
        or link.expires_at <= now
    }


def _words(effects: Sequence[Effect]) -> Mapping[int, Mapping[str, str]]:
    links = _links(effects)
    return {effect.id: {"link": url_of(links[effect.payload["link_id"]])} for effect in effects}


def _values(effect: Effect) -> dict[str, str | None]:
    person = db.session.get(Person, effect.person_id)
    return {"user_name": person.user_name if person else None}


def _links(effects: Sequence[Effect]) -> dict[int, AccessLink]:
    ids = {effect.payload["link_id"] for effect in effects}
    found = db.session.scalars(select(AccessLink).where(AccessLink.id.in_(ids)))
    return {link.id: link for link in found}


TOPIC = Topic(
    variables={
        "link": Variable(
            "the link, which works once", "•••", personal=True, secret=True, address=True
        ),
        "user_name": Variable("the user name, of who shares an e-mail address", "asha.rao"),
    },
    values=_values,
    personal=_words,
    example=lambda rule, person: sample_effect(rule, person, {}),
)
