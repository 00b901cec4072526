"""What people add to what all domains share."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from ffapp.core import phone
from ffapp.core.i18n import LANGUAGES
from ffapp.people.models import Person
from ffapp.web.admin.people.alerts import ALERTS
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.search import begins_first, contains, has_phone, some_of
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import Facts, Label, Say, Words, changed, day, plain, quoted, say
from ffapp.web.navigation import Entry

PURPOSES = {
    "account": "account and class mail",
    "whatsapp": "messages on WhatsApp",
    "calls": "phone calls",
    "zoom": "taking part in Zoom under the first name",
    "recording": "being recorded",
    "classes": "messages on classes and recordings",  # of before each purpose stood for itself
}
CHOICES = {
    "class_changes": "news of classes",
    "class_reminders": "reminders before a class",
    "recordings": "word of recordings",
}
ON_CHANNEL = {"email": "by e-mail", "whatsapp": "on WhatsApp", "bell": "in the bell"}
LINKS = {"invitation": "with the invitation", "reset": "with a reset link"}


def _added(facts: Facts, zone: str) -> Words:
    role = "an admin" if facts.get("role") == "admin" else "a student"
    return Words(f"added {facts.get('name')} as {role}")


def _consent(facts: Facts, zone: str) -> Words:
    said = "agreed to" if facts.get("granted") else "refused"
    about = PURPOSES.get(facts.get("purpose", ""), facts.get("purpose"))
    tone = "good" if facts.get("granted") else "warn"
    if facts.get("method") in ("link", "account"):
        return Words(f"{said} {about}", tone=tone)
    written = " in writing" if facts.get("method") == "written" else ""
    return Words(f"wrote down that {facts.get('guardian')} {said} {about}{written}", tone=tone)


def _choice(facts: Facts, zone: str) -> Words:
    about = CHOICES.get(facts.get("kind", ""), facts.get("kind"))
    wants = "chose to get" if facts.get("wanted") else "chose not to get"
    return Words(f"{wants} {about} {ON_CHANNEL.get(facts.get('channel', ''), '')}".rstrip())


def _quiet(facts: Facts, zone: str) -> Words:
    hours = facts.get("hours")
    if not hours:
        return Words("chose to have no quiet hours")
    return Words(f"chose quiet hours from {hours[0]} to {hours[1]}")


def _lifted(facts: Facts, zone: str) -> Words:
    where = "on WhatsApp" if facts.get("channel") == "whatsapp" else "by e-mail"
    return Words(f"let them be written to {where} again", tone="good")


def _password(facts: Facts, zone: str) -> Words:
    return Words(f"chose a password {LINKS.get(facts.get('link', ''), '')}".rstrip(), tone="good")


def _factor(verb: str) -> Say:
    def words(facts: Facts, zone: str) -> Words:
        what = "a passkey" if facts.get("factor") == "passkey" else "an authenticator app"
        return Words(f"{verb} {what} as a second factor", tone="warn")

    return words


def _calendar(facts: Facts, zone: str) -> Words:
    return Words(f"made {'a new' if facts.get('again') else 'a'} private calendar link")


SENTENCES: dict[str, Say] = {
    "person_added": _added,
    "person_changed": changed,
    "guardian_added": say("added {guardian} as a guardian"),
    "guardian_changed": changed,
    "came_of_age": say("noted that they are 18 and decide alone", "info"),
    "guardian_asked": say("asked {guardian} for consent", "info"),
    "guardian_reminded": say("reminded {guardian} to answer", "info"),
    "guardian_code_requested": say("chose, and was sent a code to confirm it"),
    "guardian_links_revoked": say("ended the links of {guardian}", "warn"),
    "person_disabled": say("disabled this person", "bad"),
    "person_enabled": say("enabled this person again", "good"),
    "person_invited": say("sent an invitation", "info"),
    "password_reset_requested": say("asked for a link to choose a new password"),
    "password_set": _password,
    "signed_in": say("signed in"),
    "signed_out": say("signed out"),
    "sign_in_failed": say("could not sign in: the password was wrong", "warn"),
    "sign_in_throttled": say("has to wait after too many wrong passwords", "warn"),
    "factor_added": _factor("added"),
    "factor_removed": _factor("removed"),
    "factors_reset": say("removed all second factors of this person", "warn"),
    "recovery_codes_made": say("made new recovery codes"),
    "recovery_code_used": say("signed in with a recovery code", "warn"),
    "signed_out_everywhere": say("ended every session of this person", "warn"),
    "consent_recorded": _consent,
    "notification_choice_changed": _choice,
    "quiet_hours_changed": _quiet,
    "calendar_link_made": _calendar,
    "calendar_link_ended": say("switched the private calendar link off"),
    "address_lifted": _lifted,
}
LABELS: dict[str, Label] = {
    "name": ("the name", quoted),
    "email": ("the e-mail address", plain),
    "phone": ("the phone number", lambda value, zone: phone.display(value)),
    "time_zone": ("the time zone", plain),
    "user_name": ("the user name", plain),
    "born_on": ("the date of birth", lambda value, zone: day(date.fromisoformat(value))),
    "language": ("the language", lambda value, zone: LANGUAGES.get(value, value)),
}


def is_called(words: str) -> ColumnElement[bool]:
    """The words are part of the name, the e-mail address or the phone number."""
    condition = or_(contains(words, Person.name, Person.email), has_phone(words, Person.phone))
    return some_of(Person, condition)


def _search(words: str) -> Select[Any]:
    return (
        select(Person.id, Person.name.label("title"), Person.email.label("detail"))
        .where(is_called(words))
        .order_by(begins_first(words, Person.name), Person.name, Person.id)
    )


DOMAIN = Domain(
    navigation=Entry("People", "admin.person_index", "user"),
    sentences=SENTENCES,
    labels=LABELS,
    alerts=ALERTS,
    subjects=(
        Subject(
            table="people",
            kind="person",
            page=("admin.person_show", "person_id"),
            label=Person.name,
            noun="People",
            search=_search,
        ),
    ),
)
