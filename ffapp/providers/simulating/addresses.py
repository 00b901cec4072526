"""Where each simulated provider posts its webhooks, and the checks of that address."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ffapp.core import clock, config
from ffapp.providers.simulating.store import set_switch, switch

ADDRESS = "webhook_url"  # a switch
VALIDATED_EVERY = timedelta(hours=72)  # and when the worker starts

_checks: dict[str, Callable[[], None]] = {}
_checked_at: dict[str, datetime] = {}  # by this process


def address_of(provider: str) -> str:
    """The webhook address that the provider posts to: ours, unless somebody has set another."""
    return str(switch(provider, ADDRESS) or own_address(provider))


def own_address(provider: str) -> str:
    """Our own webhook address."""
    return f"{config.current().public_url}/hooks/{provider}"


def set_address(provider: str, url: str) -> None:
    """Post to this address from now on; an empty one is ours. Raises ValueError for no address."""
    parts = urlsplit(url)
    if url and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError(f"“{url}” is no address that begins with http:// or https://.")
    set_switch(provider, ADDRESS, url or None)


def validate_by(provider: str, validate: Callable[[], None]) -> None:
    """Let this process ask the provider now and then to check our address."""
    _checks[provider] = validate


def validate_due() -> None:
    """Ask each provider that has not checked the address for long, or not since the start."""
    for provider, validate in _checks.items():
        last = _checked_at.get(provider)
        if last is None or clock.now() - last >= VALIDATED_EVERY:
            _checked_at[provider] = clock.now()
            validate()
