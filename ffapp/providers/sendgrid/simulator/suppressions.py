"""Who gets no mail: bounces and their kin, the global list, and groups with lists of their own.

An address stands in `bounces`, `blocks`, `invalid_emails`, `spam_reports` or `unsubscribes` by its
lower case; in a group as `ID:address`.
"""

from collections.abc import Iterator
from typing import Any

import flask

from ffapp.core import clock
from ffapp.providers.sendgrid.simulator.answers import Refusal, body, emails_in
from ffapp.providers.simulating import store
from ffapp.providers.simulating.answers import empty_answer, json_answer

PROVIDER = "sendgrid"
LISTS = ("bounces", "blocks", "invalid_emails", "spam_reports", "unsubscribes")
GLOBAL, GROUP, IN_GROUP = "unsubscribes", "asm group", "group suppression"
# list → the reason with which later mails are dropped, and the mail setting that overrules it
DROPS = {
    "bounces": ("Bounced Address", "bypass_bounce_management"),
    "invalid_emails": ("Invalid", "bypass_bounce_management"),
    "spam_reports": ("Spam Reporting Address", "bypass_spam_management"),
    GLOBAL: ("Unsubscribed Address", "bypass_unsubscribe_management"),
}
blueprint = flask.Blueprint("suppressions", __name__, url_prefix="/v3")


def suppress(name: str, email: str, created: int, **facts: Any) -> None:
    row = {"created": created, "email": email, **facts}
    store.put(PROVIDER, name, email.lower(), row)


def reasons(
    emails: set[str], bypassed: set[str], group_id: int | None
) -> Iterator[tuple[str, str]]:
    """Each of the addresses (lower case) that is suppressed by now, and why its mail is dropped."""
    now = clock.now().timestamp()
    for name, (reason, bypass) in DROPS.items():
        if not {bypass, "bypass_list_management"} & bypassed:
            for key, row in store.get_many(PROVIDER, name, emails).items():
                if row["created"] <= now:
                    yield key, reason
    if group_id is not None and "bypass_list_management" not in bypassed:
        keys = {f"{group_id}:{email}" for email in emails}
        for key in store.get_many(PROVIDER, IN_GROUP, keys):
            yield key.partition(":")[2], "Unsubscribed Address"


def is_group(group_id: int) -> bool:
    return store.get(PROVIDER, GROUP, str(group_id)) is not None


@blueprint.get(f"/suppression/<any({','.join(LISTS)}):name>")
def show_list(name: str) -> flask.Response:
    """Query: `start_time`, `end_time` (unix seconds), `email`, `limit`, `offset`."""
    asked = flask.request.args
    rows = store.find(PROVIDER, name)
    first, last = (asked.get(each, type=int) for each in ("start_time", "end_time"))
    rows = [
        each
        for each in rows
        if (first is None or each["created"] >= first)
        and (last is None or each["created"] <= last)
        and asked.get("email", "").lower() in {"", each["email"].lower()}
    ]
    offset, limit = asked.get("offset", 0, type=int), asked.get("limit", 500, type=int)
    return json_answer(rows[offset : offset + limit])


@blueprint.delete(f"/suppression/<any({','.join(LISTS)}):name>")
def clear_list(name: str) -> flask.Response:
    """Body: `delete_all` true, or `emails`; never both."""
    asked = body()
    if asked.get("delete_all") and asked.get("emails"):
        raise Refusal(400, "cannot specify both delete_all and emails")  # unconfirmed
    if asked.get("delete_all"):
        emails = [each["email"].lower() for each in store.find(PROVIDER, name)]
    else:
        emails = emails_in(asked, "emails")
    for each in emails:
        store.remove(PROVIDER, name, each)
    return empty_answer(204)


@blueprint.get(f"/suppression/<any({','.join(LISTS)}):name>/<email>")
def show_one(name: str, email: str) -> flask.Response:
    found = store.get(PROVIDER, name, email.lower())
    return json_answer([found] if found else [])


@blueprint.delete(f"/suppression/<any({','.join(LISTS)}):name>/<email>")
def remove_one(name: str, email: str) -> flask.Response:
    store.remove(PROVIDER, name, email.lower())
    return empty_answer(204)


# ── the global list


@blueprint.post("/asm/suppressions/global")
def add_globally() -> flask.Response:
    emails = emails_in(body())
    for each in emails:
        suppress(GLOBAL, each, int(clock.now().timestamp()))
    return json_answer({"recipient_emails": emails}, 201)


@blueprint.get("/asm/suppressions/global/<email>")
def find_globally(email: str) -> flask.Response:
    found = store.get(PROVIDER, GLOBAL, email.lower())
    return json_answer({"recipient_email": email.lower()} if found else {})


@blueprint.delete("/asm/suppressions/global/<email>")
def remove_globally(email: str) -> flask.Response:
    return remove_one(GLOBAL, email)


# ── groups


@blueprint.post("/asm/groups")
def make_group() -> flask.Response:
    asked = body()
    for name, longest in (("name", 30), ("description", 100)):
        text = asked.get(name)
        if not isinstance(text, str) or not 1 <= len(text) <= longest:
            raise Refusal(400, f"{name} must have 1 to {longest} characters", name)  # unconfirmed
    group_id = 10_000 + store.count(PROVIDER, "asm groups")
    about = {"name": asked["name"], "description": asked["description"]}
    found = {"id": group_id, **about, "is_default": bool(asked.get("is_default"))}
    store.put(PROVIDER, GROUP, str(group_id), found)
    return json_answer(found, 201)


@blueprint.get("/asm/groups")
def groups() -> flask.Response:
    return json_answer([_counted(each) for each in store.find(PROVIDER, GROUP)])


@blueprint.get("/asm/groups/<int:group_id>")
def group(group_id: int) -> flask.Response:
    return json_answer(_counted(_found(group_id)))


@blueprint.patch("/asm/groups/<int:group_id>")
def change_group(group_id: int) -> flask.Response:
    names = ("name", "description", "is_default")
    asked = {name: value for name, value in body().items() if name in names}
    changed = {**_found(group_id), **asked}
    store.put(PROVIDER, GROUP, str(group_id), changed)
    return json_answer(changed, 201)


@blueprint.delete("/asm/groups/<int:group_id>")
def delete_group(group_id: int) -> flask.Response:
    _found(group_id)
    for each in _members(group_id):
        store.remove(PROVIDER, IN_GROUP, f"{group_id}:{each}")
    store.remove(PROVIDER, GROUP, str(group_id))
    return empty_answer(204)


@blueprint.post("/asm/groups/<int:group_id>/suppressions")
def add_to_group(group_id: int) -> flask.Response:
    _found(group_id)
    emails = emails_in(body())
    for each in emails:
        row = {"group_id": group_id, "email": each, "created": int(clock.now().timestamp())}
        store.put(PROVIDER, IN_GROUP, f"{group_id}:{each}", row)
    return json_answer({"recipient_emails": emails}, 201)


@blueprint.get("/asm/groups/<int:group_id>/suppressions")
def show_group(group_id: int) -> flask.Response:
    _found(group_id)
    return json_answer(_members(group_id))


@blueprint.post("/asm/groups/<int:group_id>/suppressions/search")
def search_group(group_id: int) -> flask.Response:
    _found(group_id)
    members = set(_members(group_id))
    return json_answer([each for each in emails_in(body()) if each in members])


@blueprint.delete("/asm/groups/<int:group_id>/suppressions/<email>")
def remove_from_group(group_id: int, email: str) -> flask.Response:
    _found(group_id)
    store.remove(PROVIDER, IN_GROUP, f"{group_id}:{email.lower()}")
    return empty_answer(204)


@blueprint.get("/asm/suppressions")
def everybody() -> flask.Response:
    names = {each["id"]: each["name"] for each in store.find(PROVIDER, GROUP)}
    rows = [
        {
            "email": each["email"],
            "group_id": each["group_id"],
            "group_name": names.get(each["group_id"], ""),
            "created_at": each["created"],
        }
        for each in store.find(PROVIDER, IN_GROUP)
    ]
    return json_answer(rows)


@blueprint.get("/asm/suppressions/<email>")
def groups_of(email: str) -> flask.Response:
    found = store.find(PROVIDER, IN_GROUP, email=email.lower())
    left = {each["group_id"] for each in found}
    rows = [{**each, "suppressed": each["id"] in left} for each in store.find(PROVIDER, GROUP)]
    return json_answer({"suppressions": rows})


def _found(group_id: int) -> dict[str, Any]:
    found = store.get(PROVIDER, GROUP, str(group_id))
    if found is None:
        raise Refusal(404, "group not found", "group_id")  # unconfirmed
    return found


def _members(group_id: int) -> list[str]:
    return [each["email"] for each in store.find(PROVIDER, IN_GROUP, group_id=group_id)]


def _counted(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "unsubscribes": len(_members(found["id"]))}
