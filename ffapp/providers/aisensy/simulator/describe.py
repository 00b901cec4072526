"""What the control pages say about the simulated AiSensy."""

from ffapp.core import config
from ffapp.providers.aisensy.simulator import inbound
from ffapp.providers.aisensy.simulator.magic import ORDINARY, SPECIAL, WORDS, example, failing
from ffapp.providers.aisensy.simulator.switches import PROVIDER, SWITCHES
from ffapp.providers.simulating.catalogue import Magic, Provider

OTHER_CODE = "132015"


def describe(settings: config.Settings) -> Provider:
    """AiSensy's entry in the catalogue of simulated providers."""
    fates = (*SPECIAL, *map(failing, WORDS))
    return Provider(
        key=PROVIDER,
        title="AiSensy",
        simulated=settings.aisensy.simulated,
        base_url=settings.aisensy.base_url,
        how="Give a person such a phone number: its last six digits count. What they read, and "
        "answer, is on the phone.",
        magic=(
            *(Magic(example(fate.ending), fate.what) for fate in fates),
            Magic(
                example(OTHER_CODE),
                "The same with every other failure code of Meta's that we know.",
            ),
            Magic("+91 98765 43210", ORDINARY.what),
        ),
        switches=SWITCHES,
        write=inbound.write if settings.aisensy.simulated else None,
    )
