"""What attendance adds to what all domains share."""

from ffapp.web.admin.attendance.alerts import ALERTS
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.timeline import Facts, Say, Words

# ── the words of events ──


def _overridden(facts: Facts, zone: str) -> Words:
    what = f"wrote down that {facts.get('person')} was {_there(facts)}"
    return Words(what, why=facts.get("reason"), tone="info")


def _override_revoked(facts: Facts, zone: str) -> Words:
    return Words(f"took back that {facts.get('person')} was {_there(facts)}")


def _there(facts: Facts) -> str:
    if not facts.get("present"):
        return "absent"
    minutes = facts.get("minutes")
    return "present" if minutes is None else f"present for {minutes} min"


def _participants(verb: str, rest: str, tone: str | None = None) -> Say:
    def say(facts: Facts, zone: str) -> Words:
        names = ", ".join(f"“{each}”" for each in facts.get("names") or []) or "somebody"
        return Words(f"{verb} {names} {rest.format(facts.get('person'))}", tone=tone)

    return say


SENTENCES: dict[str, Say] = {
    "attendance_overridden": _overridden,
    "attendance_override_revoked": _override_revoked,
    "participant_assigned": _participants("said that", "in the meeting is {}", "info"),
    "participant_marked_guest": _participants("marked", "in the meeting as a guest"),
    "participant_released": _participants("took back who", "in the meeting is"),
}


# ── kinds of rows, and the domain ──


DOMAIN = Domain(sentences=SENTENCES, alerts=ALERTS)
