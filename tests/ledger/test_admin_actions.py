"""What a person may decide about one effect, and in which states."""

from datetime import timedelta

import pytest

from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.core.outcomes import Accepted, Refused, Unclear
from ffapp.ledger import admin_actions
from ffapp.ledger.claim import claim
from ffapp.ledger.models import Effect, Lane
from ffapp.ledger.reconcile import reconcile
from ffapp.ledger.record_outcome import record_outcome
from tests.ledger.pupils import state_of
from tests.processes import witness

VERBS = {
    "retry": admin_actions.retry,
    "cancel": admin_actions.cancel,
    "confirm": admin_actions.confirm,
    "ask": admin_actions.ask,
}
ALLOWED = {
    "planned": {"cancel"},
    "failed": {"retry"},
    "uncertain": {"confirm", "retry"},  # of a provider that cannot be asked
    "sending": set(),
    "sent": set(),
    "withheld": set(),
    "missed": set(),
    "cancelled": set(),
}


def _in_state(parcels, state):
    row = parcels.plan()
    witness.sql("UPDATE effects SET state = :state, reason = 'Because.'", state=state)
    db.session.rollback()
    return row


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", ALLOWED)
def test_a_verb_works_where_it_is_offered_and_nowhere_else(mute_parcels, cast, state, verb):
    row = _in_state(mute_parcels, state)
    assert set(admin_actions.possible_actions(row)) == ALLOWED[state]
    before = _events()

    if verb in ALLOWED[state]:
        transaction(VERBS[verb], row, cast.admin)
        assert state_of(row.id)[0] != state
        assert _events() == before + 1
        return
    with pytest.raises(admin_actions.ActionNotPossible, match=f"This is {state} now"):
        transaction(VERBS[verb], row, cast.admin)
    assert state_of(row.id) == (state, "Because.")
    assert _events() == before


def test_where_the_provider_can_be_asked_nobody_has_to_guess(parcels, cast, travel):
    row = parcels.plan()
    parcels.refuse(Unclear("The carrier hung up."))
    parcels.perform()
    parcels.knows = lambda effect: Accepted("found")
    assert admin_actions.possible_actions(db.session.get_one(Effect, row.id)) == ["ask"]

    transaction(admin_actions.ask, row, cast.admin)
    reconcile()

    assert state_of(row.id) == ("sent", None)
    assert _events() == 1


def test_the_state_that_counts_is_that_of_now_and_not_of_the_page(parcels, cast):
    row = parcels.plan()
    assert admin_actions.possible_actions(row) == ["cancel"]
    witness.sql("UPDATE effects SET state = 'sending'")

    with pytest.raises(admin_actions.ActionNotPossible, match="This is sending now"):
        transaction(admin_actions.cancel, row, cast.admin)


def test_who_decided_is_named(mute_parcels, cast):
    row = _in_state(mute_parcels, "uncertain")

    transaction(admin_actions.confirm, row, cast.admin)

    assert state_of(row.id) == ("sent", "Vikram Rao found out that it arrived.")
    event = db.session.scalar(db.select(Event).where(Event.name == "effect_confirmed"))
    assert (event.actor, event.subject_id) == ("Vikram Rao", row.id)


def test_what_a_person_tries_again_goes_at_once_although_its_time_is_over(parcels, cast, travel):
    row = parcels.plan(useful_until=travel.now + timedelta(minutes=5))
    parcels.refuse(Refused("The carrier is on strike."))
    parcels.perform()
    parcels.answer = parcels.accept
    travel.forward(hours=1)

    transaction(admin_actions.retry, row, cast.admin)
    parcels.perform()

    assert state_of(row.id) == ("sent", None)


def test_what_was_closed_can_still_be_decided(mute_parcels, cast, travel):
    row = _in_state(mute_parcels, "uncertain")
    witness.sql("UPDATE effects SET closed_at = now()")

    transaction(admin_actions.retry, row, cast.admin)
    mute_parcels.perform()

    assert state_of(row.id) == ("sent", None)


def test_a_late_acceptance_stops_what_a_person_asked_for_again(mute_parcels, cast, travel):
    row = mute_parcels.plan()
    handler, prepared = transaction(claim, Lane.ACTS)
    transaction(record_outcome, handler, prepared, {row.id: Unclear("It hung up.")})
    transaction(admin_actions.retry, row, cast.admin)

    transaction(record_outcome, handler, prepared, {row.id: Accepted("late")})

    assert mute_parcels.perform() == 0
    assert state_of(row.id) == ("sent", None)


def test_what_was_tried_again_while_doubtful_and_then_cancelled_is_not_revived(mute_parcels, cast):
    row = mute_parcels.plan()
    mute_parcels.refuse(Unclear("The carrier hung up."))
    mute_parcels.perform()
    transaction(admin_actions.retry, row, cast.admin)
    transaction(admin_actions.cancel, row, cast.admin)

    assert mute_parcels.plan_many("parcel", [None]) == []

    assert state_of(row.id) == ("cancelled", "Vikram Rao cancelled it.")
    assert db.session.get_one(Effect, row.id).doubtful


def _events():
    return witness.sql("SELECT count(*) FROM events WHERE name LIKE 'effect_%'")
