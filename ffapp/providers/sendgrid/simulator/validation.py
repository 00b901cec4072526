"""What SendGrid finds wrong with a mail/send body; all problems come in one answer.

unconfirmed: the order of several problems, and the words of those that have not been seen on the
wire (they are the documented ones).
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from ffapp.core import clock
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator import batches, literals, suppressions, templates
from ffapp.providers.sendgrid.simulator.answers import problem
from ffapp.providers.sendgrid.simulator.magic import REFUSED, scenario_of

# unconfirmed: what exactly SendGrid takes for an address; this is the usual ASCII form
ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
# unconfirmed: which other parameters may stand beside `method=`
FILE_TYPE = re.compile(
    r"[^;\r\n]+|[^;\r\n]+(;[^;\r\n]+)*;\s*method=\w+(;[^;\r\n]+)*", re.IGNORECASE
)
MOST_PEOPLE, PERSONAL_BYTES, MOST_CATEGORIES = 1000, 10_000, 10
LATEST_SECONDS = 72 * 3600
Problems = Iterator[wire.Problem]


def check(body: dict[str, Any]) -> tuple[wire.MailSend | None, list[wire.Problem]]:
    """The mail, or everything that is wrong with it."""
    shapes = list(_shapes(body))
    if shapes:
        return None, shapes
    try:
        mail = wire.MailSend.model_validate(body)
    except ValidationError as error:
        return None, [
            problem(f"Invalid type. {each['msg']}.", ".".join(map(str, each["loc"])))
            for each in error.errors()
        ]
    problems = list(_problems(mail))
    return (None if problems else mail), problems


def _shapes(body: dict[str, Any]) -> Problems:
    """What is not there, or something else than it has to be."""
    sender = body.get("from")
    if not isinstance(sender, dict) or not sender.get("email"):
        yield problem(literals.NO_FROM, "from.email", "message.from")
    people = body.get("personalizations")
    if not isinstance(people, list) or not people:
        yield problem(literals.NO_PERSONALIZATIONS, "personalizations", "-Personalizations-Errors")
        people = []
    for index, each in enumerate(people):
        path = f"personalizations.{index}"
        if not isinstance(each, dict):
            said = f"Invalid type. Expected: object, given: {literals.kind_of(each)}."
            yield problem(said, path)
            continue
        if not isinstance(each.get("to"), list) or not each["to"]:
            yield problem(literals.NO_TO, f"{path}.to", "message.personalizations.to")
            continue
        yield from _shape_of_addresses(each["to"], f"{path}.to")
        args = each.get("custom_args")
        if isinstance(args, dict) and not all(isinstance(it, str) for it in args.values()):
            anchor = "message.personalizations.custom_args"
            yield problem(literals.CUSTOM_ARGS, f"{path}.custom_args", anchor)
    if "content" in body and not isinstance(body["content"], list):
        said = f"Invalid type. Expected: array, given: {literals.kind_of(body['content'])}."
        yield problem(said, "content", "message.content")


def _shape_of_addresses(addresses: list[Any], path: str) -> Problems:
    for place, address in enumerate(addresses):
        if not isinstance(address, dict):
            said = f"Invalid type. Expected: object, given: {literals.kind_of(address)}."
            yield problem(said, f"{path}.{place}", "message.personalizations.to")
        elif not address.get("email"):
            words = literals.NO_TO_EMAIL
            yield problem(words, f"{path}.{place}.email", "message.personalizations.to")


def _problems(mail: wire.MailSend) -> Problems:
    if not _is_address(mail.from_.email):
        yield problem(literals.FROM_NOT_VALID, "from.email", "message.from")
    count = len(mail.personalizations)
    if count > MOST_PEOPLE:
        yield problem(literals.too_many(count), "personalizations", "-Personalizations-Errors")
    if sum(len(each.to + each.cc + each.bcc) for each in mail.personalizations) > MOST_PEOPLE:
        yield problem(literals.TOO_MANY_PEOPLE, "personalizations", "message.recipient-errors")
    for index, each in enumerate(mail.personalizations):
        yield from _of_person(each, mail, f"personalizations.{index}")
    yield from _of_texts(mail)
    for index, file in enumerate(mail.attachments):
        yield from _of_file(file, f"attachments.{index}")
    yield from _of_sending(mail)


def _of_person(each: wire.Personalization, mail: wire.MailSend, path: str) -> Problems:
    anchor = "message.personalizations"
    if each.from_ and not _is_address(each.from_.email):
        yield problem(literals.FROM_NOT_VALID, f"{path}.from.email", "message.from")
    seen: set[str] = set()
    for name in ("to", "cc", "bcc"):
        for place, address in enumerate(getattr(each, name)):
            if not _is_address(address.email):
                field = f"{path}.{name}.{place}.email"
                yield problem(wire.ADDRESS_NOT_VALID, field, f"{anchor}.{name}")
            elif address.email.lower() in seen:
                words = literals.twice(address.email, f"{path}.{name}")
                yield problem(words, path, "message.recipient-errors")
                return
            seen.add(address.email.lower())
    size = sum(len((key + text).encode()) for key, text in each.substitutions.items())
    field = f"{path}.substitutions"
    if size > PERSONAL_BYTES:
        yield problem(literals.SUBSTITUTIONS_TOO_LONG, field, f"{anchor}.substitutions")
    if each.substitutions and templates.is_dynamic(mail.template_id or ""):
        yield problem(literals.NO_SUBSTITUTIONS, field, f"{anchor}.substitutions")
    args = {**mail.custom_args, **each.custom_args}
    if sum(len((key + text).encode()) for key, text in args.items()) > PERSONAL_BYTES:
        words = literals.CUSTOM_ARGS_TOO_LONG
        yield problem(words, f"{path}.custom_args", f"{anchor}.custom_args")
    if each.send_at is not None and _is_too_late(each.send_at):
        yield problem(literals.SEND_AT, f"{path}.send_at", f"{anchor}.send_at")


def _of_texts(mail: wire.MailSend) -> Problems:
    """A template has a subject and texts of its own."""
    version = templates.active_version(mail.template_id) if mail.template_id else None
    if mail.template_id and version is None:
        words = literals.no_template(mail.template_id)
        yield problem(words, "template_id", "message.template_id")
    if not mail.subject and not (version and version["subject"]):
        if mail.subject is not None:
            yield problem(literals.SUBJECT, "subject", "message.subject")
        elif not all(each.subject for each in mail.personalizations):
            yield problem(literals.NO_SUBJECT, "subject", "message.subject")
    if not mail.content and version is None:
        yield problem(literals.NO_CONTENT, "content", "message.content")
    for index, content in enumerate(mail.content):
        if not content.value:
            field, anchor = f"content.{index}.value", "message.content.value"
            yield problem(literals.EMPTY_CONTENT, field, anchor)
        if set(content.type) & set(";\r\n"):
            yield problem(literals.CONTENT_TYPE, f"content.{index}.type", "message.content.type")
    kinds = [each.type for each in mail.content]
    order = {"text/plain": 0, "text/html": 1}
    if kinds != sorted(kinds, key=lambda kind: order.get(kind, 2)):
        yield problem(literals.CONTENT_ORDER, "content", "message.content")


def _of_file(file: wire.Attachment, path: str) -> Problems:
    try:
        base64.b64decode(file.content, validate=True)
    except (binascii.Error, ValueError):
        anchor = "message.attachments.content"
        yield problem(literals.NOT_BASE64, f"{path}.content", anchor)
    if set(file.filename) & set("\r\n"):
        yield problem(literals.FILENAME, f"{path}.filename", "message.attachments.filename")
    if file.type is not None and not FILE_TYPE.fullmatch(file.type):
        yield problem(literals.FILE_TYPE, f"{path}.type", "message.attachments.type")
    if file.disposition not in {"inline", "attachment"}:
        words = literals.disposition(file.disposition)
        yield problem(words, f"{path}.disposition", "message.attachments.disposition")


def _of_sending(mail: wire.MailSend) -> Problems:
    if mail.send_at is not None and _is_too_late(mail.send_at):
        yield problem(literals.SEND_AT, "send_at", "message.send_at")
    if mail.batch_id is not None and not batches.is_batch(mail.batch_id):
        yield problem("invalid batch id", "batch_id", "message.batch_id")  # unconfirmed: the words
    if len(mail.categories) > MOST_CATEGORIES:
        words = literals.too_many_categories(len(mail.categories))
        yield problem(words, "categories", "message.categories")
    if mail.asm is not None:
        group_id = mail.asm.get("group_id")
        if not isinstance(group_id, int):
            yield problem(literals.GROUP_NUMBER, "asm.group_id", "message.asm.group_id")
        elif not suppressions.is_group(group_id):
            words = literals.no_group(group_id)
            yield problem(words, "asm.group_id", "message.asm.group_id")
    enable = mail.mail_settings.get("sandbox_mode", {}).get("enable", False)
    if not isinstance(enable, bool):
        field = "mail_settings.sandbox_mode.enable"
        yield problem(literals.SANDBOX, field, f"message.{field}")


def _is_too_late(send_at: int) -> bool:
    return send_at > clock.now().timestamp() + LATEST_SECONDS


def _is_address(email: str) -> bool:
    is_usual = email.isascii() and ADDRESS.fullmatch(email)
    return bool(is_usual) and scenario_of(email) is not REFUSED
