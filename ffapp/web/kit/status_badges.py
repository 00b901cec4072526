"""How each state is called on screen, and which tone it has."""

from typing import Any

from markupsafe import Markup

from ffapp.core.i18n import lazy_gettext as _

# kind of state → state → (label, tone), in the order of filters. Students see those of a class.
BADGES: dict[str, dict[str, tuple[Any, str]]] = {
    "effect": {
        "planned": ("Planned", "info"),
        "sending": ("Sending", "info"),
        "sent": ("Sent", "good"),
        "failed": ("Failed", "bad"),
        "withheld": ("Withheld", "idle"),
        "missed": ("Missed", "warn"),
        "cancelled": ("Cancelled", "idle"),
        "uncertain": ("Uncertain", "warn"),
    },
    "mail": {
        "handed over": ("Handed over", "info"),
        "processed": ("On its way", "info"),
        "deferred": ("Deferred", "warn"),
        "delivered": ("Delivered", "good"),
        "dropped": ("Dropped", "bad"),
        "blocked": ("Blocked", "bad"),
        "bounced": ("Bounced", "bad"),
        "marked as spam": ("Marked as spam", "bad"),
    },
    "chat": {
        "handed over": ("Handed over", "info"),
        "sent": ("Sent", "info"),
        "failed": ("Not delivered", "bad"),
        "delivered": ("Delivered", "good"),
        "read": ("Read", "good"),
    },
    "class": {
        "cancelled": (_("Cancelled"), "idle"),
        "waiting": (_("Scheduled"), "info"),
        "open": (_("Open to join"), "info"),
        "live": (_("Live"), "good"),
        "not_started": (_("Not started yet"), "warn"),
        "ended": (_("Ended"), "idle"),
    },
    "zoom": {
        "none": ("No meeting", "idle"),
        "making": ("Being made", "info"),
        "ready": ("Ready", "good"),
        "changing": ("Being changed", "info"),
        "failed": ("Failed", "bad"),
        "uncertain": ("Uncertain", "warn"),
        "deleting": ("Being deleted", "info"),
        "deleted": ("Deleted", "idle"),
        "gone": ("Deleted in Zoom", "bad"),
    },
    "recording": {
        "available": ("Available", "good"),
        "trashed": ("In Zoom’s trash", "warn"),
        "processing": ("Processing", "info"),
        "failed": ("Failed", "bad"),
        "none": ("No recording", "idle"),
    },
    "attendance": {
        "here": ("In the class", "good"),
        "present": ("Present", "good"),
        "late": ("Late", "warn"),
        "left early": ("Left early", "warn"),
        "briefly": ("Briefly", "warn"),
        "absent": ("Absent", "bad"),
        "not counted": ("Not counted", "idle"),
        "expected": ("Expected", "idle"),
        "enrolled later": ("Enrolled later", "idle"),
    },
    "call": {
        "planned": ("Waiting", "info"),
        "sending": ("Being placed", "info"),
        "scheduled": ("Scheduled", "info"),
        "prepared": ("Prepared", "info"),
        "queued": ("In Bolna’s queue", "info"),
        "rescheduled": ("Put off by Bolna", "warn"),
        "initiated": ("Dialling", "info"),
        "ringing": ("Ringing", "info"),
        "in-progress": ("Talking", "info"),
        "call-disconnected": ("Just ended", "info"),
        "completed": ("Answered", "good"),
        "voicemail": ("Voicemail", "warn"),
        "hung-up": ("Hung up at once", "warn"),
        "no-answer": ("No answer", "warn"),
        "busy": ("Busy", "warn"),
        "failed": ("Failed", "bad"),
        "error": ("Failed at Bolna", "bad"),
        "balance-low": ("No money at Bolna", "bad"),
        "canceled": ("Cancelled at Bolna", "idle"),
        "stopped": ("Stopped", "idle"),
        "lost": ("End not known", "warn"),
        "uncertain": ("Uncertain", "warn"),
        "not-placed": ("Not placed", "bad"),
        "withheld": ("Withheld", "idle"),
        "missed": ("Missed", "warn"),
        "called-off": ("Called off", "idle"),
    },
    "delivery": {
        "received": ("Received", "info"),
        "done": ("Done", "good"),
        "unmatched": ("Unmatched", "warn"),
        "ignored": ("Nothing to do", "idle"),
        "failed": ("Failed", "bad"),
    },
    "person": {
        "disabled": ("Disabled", "bad"),
        "active": ("Active", "good"),
        "invited": ("Invited", "info"),
        "expired": ("Invitation expired", "warn"),
        "not_invited": ("Not invited", "idle"),
    },
    "consent": {
        "agreed": ("Agreed", "good"),
        "refused": ("Refused", "bad"),
        "not_asked": ("No answer yet", "warn"),
    },
}


def states_of(kind: str) -> list[tuple[str, str]]:
    """(state, label) of each state, as filters offer them."""
    return [(state, label) for state, (label, _) in BADGES[kind].items()]


def status_badge(kind: str, state: str) -> Markup:
    """The chip of a state; a state that nobody named is shown as it is."""
    label, tone = BADGES[kind].get(str(state), (str(state), "idle"))
    live = (
        '<span class="pulse" aria-hidden="true"></span>'
        if (kind, state) == ("class", "live")
        else ""
    )
    return Markup('<span class="chip tone-{}">{}{}</span>').format(tone, Markup(live), label)
