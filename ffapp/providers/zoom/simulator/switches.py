"""What the control page or a test may set to change how the simulated Zoom behaves.

Set them with `store.set_switch("zoom", name, value)`; None takes a switch back. Beside these there
is `fault`, described in `simulating/faults.py`.
"""

from typing import Any

from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator.state import PROVIDER

# name → (value when it is not set, what it does)
SWITCHES: dict[str, tuple[Any, str]] = {
    "expires_in": (3600, "seconds that a new token lives"),
    "single_active_token": (False, "a new token ends the one before"),
    "client_credentials": (False, "the wrong grant is answered with a token that nothing accepts"),
    "scopes": (None, "the scopes of new tokens, a list; all when not set"),
    "plan": ("business", "free, pro or business: rate limits, meetings at a time"),
    "language": ("en", "es answers errors in Spanish"),
    "xml_errors": (False, "errors are XML for who does not ask for JSON"),
    "no_permission": (False, "recordings are answered with HTTP 200 and the code 200"),
    "no_transcripts": (False, "what was said is not written down"),
    "recordings_hidden": (0, "how many more times a meeting's finished recordings are 404"),
    "participants_hidden": (0, "how many more times a meeting's list of participants is 404"),
    "webhooks": (
        {},
        "a dict: `drop` (true, or a list of events), `duplicate` (true), `delay_seconds` (number), "
        "`reorder` (true: every other event comes three seconds late)",
    ),
}


def read(name: str) -> Any:
    """The switch's value; KeyError when there is no such switch."""
    return store.switch(PROVIDER, name, SWITCHES[name][0])


def use_up(name: str) -> bool:
    """Whether a switch that counts down was above zero; it is one less afterwards."""
    left = read(name)
    if left > 0:
        store.set_switch(PROVIDER, name, left - 1 or None)
    return left > 0
