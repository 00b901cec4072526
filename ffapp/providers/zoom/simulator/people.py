"""Who comes to a running meeting, waits, is let in, and goes."""

import uuid

from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import events, state
from ffapp.providers.zoom.simulator.state import PARTICIPANT, PROVIDER, Data


def arrive(key: str) -> Data | None:
    """Let a waiting participant in if the meeting runs; answers how they stand, None if unknown."""
    person = store.get(PROVIDER, PARTICIPANT, key)
    if person is None or person["state"] != "waiting":
        return person
    meeting = state.meeting(person["meeting_id"])
    if meeting is None or meeting["state"] != "started":
        return person
    instance = state.instance(meeting["live_uuid"])
    return let_in(instance, key) if instance else person


def leave(key: str, reason: str = "left the meeting") -> None:
    """They go; who joins again later gets a new place and a new `user_id`."""
    was: list[str] = []

    def change(person: Data) -> None:
        was.append(person["state"])
        if person["state"] in {"waiting", "in"}:
            person |= {"state": "left", "leave_time": state.now()}

    person = store.edit(PROVIDER, PARTICIPANT, key, change)
    if person is None or was != ["in"]:
        return
    instance = state.instance(person["uuid"])
    if instance:
        events.participant_left(instance, person, reason)


def new_person(
    meeting: Data,
    name: str,
    *,
    host: bool = False,
    account: str = "",
    registrant: Data | None = None,
) -> str:
    """A place for somebody; answers its key.

    Zoom knows who they are when they host, are signed in to a Zoom `account` (an e-mail address),
    or came by a registrant's link; everybody else is a guest.
    """
    account = meeting["host_email"] if host else account.strip().lower()
    number = store.count(PROVIDER, "participants", "all")
    key = state.word(f"participant {number}", 24)
    person = {
        "key": key,
        "meeting_id": meeting["id"],
        "uuid": None,
        "user_id": None,
        "name": name,
        "id": state.word(f"user {account}", 22) if account else "",
        "email": account or (registrant["email"] if registrant else ""),  # unconfirmed: which one
        "registrant_id": registrant["id"] if registrant else "",
        "participant_uuid": str(uuid.uuid4()).upper(),
        "state": "waiting",
        "join_time": None,
        "leave_time": None,
    }
    store.put(PROVIDER, PARTICIPANT, key, person)
    return key


def let_in(instance: Data, key: str) -> Data | None:
    was: list[str] = []
    user_id = str(16_778_240 + 1024 * store.count(PROVIDER, "user ids", "all"))
    came = {"state": "in", "uuid": instance["uuid"], "user_id": user_id}

    def change(person: Data) -> None:
        was.append(person["state"])
        if person["state"] == "waiting":
            person |= {**came, "join_time": state.now()}

    person = store.edit(PROVIDER, PARTICIPANT, key, change)
    if person and was == ["waiting"]:
        events.participant_joined(instance, person)
    return person
