"""The events of messages and of other acts towards the outside, in words."""

from ffapp.messaging import compose
from ffapp.web.kit.timeline import Facts, Say, Words, counted, just
from ffapp.web.kit.undo import name_of


def _mail(facts: Facts) -> str:
    notice = compose.notice_named(facts.get("notice", ""))
    return f"the e-mail “{notice.title}”" if notice else "the e-mail of a notice that is no more"


def _undone(facts: Facts, zone: str) -> Words:
    what = name_of(facts.get("kind", ""))
    gone = facts.get("gone")
    return Words(f"undid {what}", why=f"{gone} had gone before" if gone else None, tone="warn")


def _retried(facts: Facts, zone: str) -> Words:
    return Words(f"asked for another try; it was {facts.get('was')}", why=facts.get("reason"))


SENTENCES: dict[str, Say] = {
    "batch_undone": _undone,
    "announcement_written": lambda facts, zone: Words(
        f"wrote to {counted(facts, 'person', 'people')}", tone="info"
    ),
    "retries_expedited": lambda facts, zone: Words(
        f"had {counted(facts, 'waiting act', 'waiting acts')} tried at once"
        f" ({facts.get('channel')})"
    ),
    "effect_retried": _retried,
    "effect_asked_about": just("had the provider asked"),
    "effect_cancelled": just("cancelled it before it went", "warn"),
    "effect_confirmed": just("found out that it arrived", "good"),
    "template_changed": lambda facts, zone: Words(f"rewrote {_mail(facts)}", tone="info"),
    "template_reset": lambda facts, zone: Words(
        f"went back to the standard text of {_mail(facts)}"
    ),
    "test_message_requested": lambda facts, zone: Words(
        f"had a test of {_mail(facts)} sent to themselves"
    ),
}
