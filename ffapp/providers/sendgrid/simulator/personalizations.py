"""What SendGrid finds wrong with the personalizations of a mail/send body."""

from typing import Any

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator.answers import (
    ADDRESS_LENGTH,
    CUSTOM_ARGS_BYTES,
    Problems,
    all_strings,
    check_headers,
    check_send_at,
    is_address,
    problem,
    size,
    wrong_type,
)
from ffapp.providers.sendgrid.simulator.magic import REFUSED, scenario_of

LIMIT = wire.PERSONALIZATIONS_A_REQUEST
SUBSTITUTIONS_BYTES = 10_000
ANCHOR = "message.personalizations"
NONE = "The personalizations field is required and must have at least one personalization."
TOO_MANY = (
    "The personalization block is limited to 1000 personalizations per API request. You have "
    "provided {0} personalizations. Please consider splitting this into multiple requests and "
    "resending your request."
)
TOO_MANY_RECIPIENTS = "There is a limit of 1000 total recipients (to + cc + bcc) per request."
NO_TO = (
    "The to array is required for all personalization objects, and must have at least one email "
    "object with a valid email address."
)
DUPLICATE = (
    "Each email address in the personalization block should be unique between to, cc, and bcc. "
    "We found the first duplicate instance of [{0}] in the {1} field."
)
SUBJECT = "The subject of your email must be a string at least one character in length."
SUBSTITUTIONS_WITH_TEMPLATE = "Substitutions may not be used with dynamic templating"
SUBSTITUTIONS_NOT_STRINGS = (
    "The substitution values must be an object of key/value pairs, where the values are all "
    "strings."
)
SUBSTITUTIONS_TOO_LONG = "You are limited to 10,000 substitutions."
ARGS_NOT_STRINGS = "All values of custom arguments object must be strings"
ARGS_EMPTY = "custom_args cannot be empty."
ARGS_TOO_LONG = (
    "The combined size of both global and personalization custom arguments may not exceed 10,000 "
    "bytes per personalization."
)


def check(body: dict[str, Any]) -> Problems:
    """The problems of `personalizations`, in the order of the body."""
    every = body.get("personalizations")
    if every is None or every == []:
        yield problem(NONE, "personalizations", "-Personalizations-Errors")
        return
    if not isinstance(every, list):
        yield wrong_type("array", every, "personalizations", None)
        return
    if len(every) > LIMIT:
        yield problem(TOO_MANY.format(len(every)), "personalizations", "-Personalizations-Errors")
    elif sum(map(_recipients, every)) > LIMIT:
        yield problem(TOO_MANY_RECIPIENTS, "personalizations", "-Personalizations-Errors")
    for index, each in enumerate(every):
        path = f"personalizations.{index}"
        if isinstance(each, dict):
            yield from _check_one(each, path, body)
        else:
            yield wrong_type("object", each, path, None)


def _check_one(each: dict[str, Any], path: str, body: dict[str, Any]) -> Problems:
    if not each.get("to"):
        yield problem(NO_TO, f"{path}.to", f"{ANCHOR}.to")
    for kind in ("to", "cc", "bcc"):
        yield from _check_addresses(each.get(kind), kind, f"{path}.{kind}")
    yield from _check_duplicates(each, path)
    subject = each.get("subject")
    if subject is not None and not (isinstance(subject, str) and subject):
        yield problem(SUBJECT, f"{path}.subject", f"{ANCHOR}.subject")
    yield from check_headers(
        each.get("headers"),
        f"{path}.headers",
        f"{ANCHOR}.headers",
        "All values of the headers object must be strings.",
        "Header cannot be one of the reserved keys.",
    )
    yield from _check_substitutions(each, f"{path}.substitutions", body.get("template_id"))
    yield from _check_custom_args(each.get("custom_args"), path, body.get("custom_args"))
    yield from check_send_at(each.get("send_at"), f"{path}.send_at", f"{ANCHOR}.send_at")


def _check_addresses(addresses: Any, kind: str, path: str) -> Problems:
    anchor = f"{ANCHOR}.{kind}"
    if addresses is None:
        return
    if not isinstance(addresses, list):
        yield wrong_type("array", addresses, path, anchor)
        return
    title = {"to": "To", "cc": "CC", "bcc": "BCC"}[kind]
    for index, address in enumerate(addresses):
        field = f"{path}.{index}"
        if not isinstance(address, dict):
            yield wrong_type("object", address, field, anchor)
            continue
        email = address.get("email")
        if email is None:
            yield problem(f"The {kind} email parameter is required.", f"{field}.email", anchor)
        elif isinstance(email, str) and len(email) > ADDRESS_LENGTH:
            yield problem(
                f"The {title} email exceeds the maximum total length of 320 characters",
                f"{field}.email",
                anchor,
            )
        elif not is_address(email) or scenario_of(email) is REFUSED:
            yield problem(wire.ADDRESS_NOT_VALID, f"{field}.email", anchor)


def _check_duplicates(each: dict[str, Any], path: str) -> Problems:
    seen: set[str] = set()
    for kind in ("to", "cc", "bcc"):
        addresses = each.get(kind)
        for address in addresses if isinstance(addresses, list) else []:
            email = address.get("email") if isinstance(address, dict) else None
            if not isinstance(email, str):
                continue
            if email.lower() in seen:
                words = DUPLICATE.format(email, f"{path}.{kind}")
                yield problem(words, path, "message.recipient-errors")
                return
            seen.add(email.lower())


def _check_substitutions(each: dict[str, Any], field: str, template: Any) -> Problems:
    value, anchor = each.get("substitutions"), f"{ANCHOR}.substitutions"
    if value is None:
        return
    if not all_strings(value):
        yield problem(SUBSTITUTIONS_NOT_STRINGS, field, anchor)
    elif value and isinstance(template, str) and template.startswith("d-"):
        yield problem(SUBSTITUTIONS_WITH_TEMPLATE, field, anchor)
    elif size(value) > SUBSTITUTIONS_BYTES:
        # unconfirmed: the words, which are those of the older limit on their number
        yield problem(SUBSTITUTIONS_TOO_LONG, field, anchor)


def _check_custom_args(value: Any, path: str, shared: Any) -> Problems:
    field, anchor = f"{path}.custom_args", f"{ANCHOR}.custom_args"
    if value == {}:
        yield problem(ARGS_EMPTY, field, anchor)
    elif value is not None and not all_strings(value):
        yield problem(ARGS_NOT_STRINGS, field, anchor)
    else:
        together = {**(shared if all_strings(shared) else {}), **(value or {})}
        if size(together) > CUSTOM_ARGS_BYTES:
            yield problem(ARGS_TOO_LONG, field, anchor)


def _recipients(each: Any) -> int:
    if not isinstance(each, dict):
        return 0
    lists = (each.get(kind) for kind in ("to", "cc", "bcc"))
    return sum(len(value) for value in lists if isinstance(value, list))
