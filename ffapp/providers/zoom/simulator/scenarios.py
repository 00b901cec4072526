"""What chooses how the simulated Zoom behaves: hosts with magic names, and switches.

The control page sets switches, and so does a test with `store.set_switch("zoom", name, value)`;
None switches it off. `fault` and `webhooks` are described in `simulating/`; `scopes`, those that a
new token has, is set by tests only.
"""

from ffapp.providers.simulating import store
from ffapp.providers.simulating.descriptor import WEBHOOK_SWITCHES, Magic, Switch
from ffapp.providers.zoom.simulator.state import PROVIDER

MAGIC = (
    Magic("nobody@example.com", "Zoom knows no such user (404, code 1001)."),
    Magic("elsewhere@example.com", "The user belongs to another account (code 1010)."),
    Magic("pending@example.com", "The user has not been activated (code 1008)."),
    Magic("invited@example.com", "The user's invitation ran out (code 1120)."),
    Magic("unlicensed@example.com", "May not host meetings (code 3161)."),
    Magic("daily-limit@example.com", "The 100 changes of the day are used up (429)."),
    Magic("missing-scope@example.com", "The app lacks the scope (code 4711)."),
    Magic("norecording@example.com", "A Basic user: no cloud recording, no registration."),
    Magic("educator@example.com", "Any other address: a licensed host."),
)
SWITCHES = (
    *WEBHOOK_SWITCHES,
    Switch("expires_in", "Short tokens", "New tokens live so long.", unit="seconds"),
    Switch("single_active_token", "One token", "A new token ends the one before."),
    Switch("no_transcripts", "No transcripts", "What was said is not written down."),
    Switch("no_query_token", "No tokens in addresses", "Downloads refuse `?access_token=`."),
    Switch("no_permission", "No permission", "Recordings: HTTP 200 with the code 200."),
    Switch(
        "recordings_hidden",
        "Hidden recordings",
        "A meeting's finished recordings are 404 so many more times.",
        unit="times",
    ),
    Switch(
        "participants_hidden",
        "Hidden participants",
        "A past meeting's participants are 404 so many more times.",
        unit="times",
    ),
)


def use_up(name: str) -> bool:
    """Whether a switch that counts down was above zero; it is one less afterwards."""
    left = store.switch(PROVIDER, name, 0)
    if left > 0:
        store.set_switch(PROVIDER, name, left - 1 or None)
    return left > 0
