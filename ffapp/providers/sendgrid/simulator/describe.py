"""What the control pages say about the simulated SendGrid."""

from ffapp.core import config
from ffapp.providers.sendgrid.simulator.magic import DELIVERED, MAGIC
from ffapp.providers.simulating.catalogue import Magic, Provider, Switch

SWITCHES = (
    Switch("no_credits", "Credits used up", "mail/send answers 401 “Maximum credits exceeded”."),
    Switch(
        "over_limits", "Over the limit", "mail/send answers 403 “exceeded your messaging limits”."
    ),
    Switch(
        "unverified_sender", "Sender not verified", "mail/send answers 403 about the from address."
    ),
    Switch(
        "duplicate",
        "Duplicate events",
        "Each event is posted twice, the second time in another array.",
    ),
    Switch("reorder", "Reorder events", "Later events come first: delivered before processed."),
    Switch("delay", "Delay events", "Posts come so much later than they would.", unit="seconds"),
)


def describe(settings: config.Settings) -> Provider:
    """SendGrid's entry in the catalogue of simulated providers."""
    magic = [Magic(f"asha+{fate.word}@example.com", fate.what) for fate in MAGIC]
    return Provider(
        key="sendgrid",
        title="SendGrid",
        simulated=settings.sendgrid.simulated,
        base_url=settings.sendgrid.base_url,
        how="Give a person such an e-mail address: the word may stand alone before the @, or first "
        "or last after a plus, dot, dash or underscore.",
        magic=(*magic, Magic("asha@example.com", DELIVERED.what)),
        switches=SWITCHES,
    )
