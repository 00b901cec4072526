"""Hands to the lower floors what they ask for: who performs, who is asked, who listens."""

from collections.abc import Sequence

from ffapp import events
from ffapp.classes import meeting, registration, registration_effects, zoom_effects, zoom_webhook
from ffapp.ledger import performers
from ffapp.messaging import compose, email, track
from ffapp.people.consent import no_consent
from ffapp.reactions import still_true
from ffapp.reactions.notices import NOTICES
from ffapp.reactions.table import ON
from ffapp.webhooks import inbox


def assemble() -> None:
    """Wire the house; doing it twice changes nothing."""
    events.listen(ON)
    compose.announce_by(*NOTICES)
    performers.perform_with(
        email.performer(), *zoom_effects.performers(), registration_effects.performer()
    )
    performers.cancel_unless(
        {
            "class_scheduled": still_true.class_notice,
            "class_renamed": still_true.class_notice,
            "class_moved": still_true.class_moved,
            "class_cancelled": still_true.class_cancelled,
            "class_reminder_24h": still_true.class_reminder,
            "class_reminder_15min": still_true.class_reminder,
            "recording_available": still_true.recording_available,
            "invitation": still_true.access_link,
            "reset": still_true.access_link,
            meeting.RULE: meeting.no_longer_true,
            registration.RULE: registration.no_longer_true,
        }
    )
    performers.gate(no_consent, track.unreachable)
    performers.after_settling(_release_deliveries)
    inbox.handle_with({"zoom": zoom_webhook.handle, "sendgrid": track.handle})


def _release_deliveries(effect_ids: Sequence[int]) -> None:
    inbox.release([f"effect={effect_id}" for effect_id in effect_ids])
