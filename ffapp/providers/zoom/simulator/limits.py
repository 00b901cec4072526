"""Rate limits: per category and second for the account, 100 changes a day for each host.

They count on the wall clock, in windows shared by all processes.
"""

from datetime import timedelta

import flask

from ffapp.core import clock
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import switches
from ffapp.providers.zoom.simulator.answers import ZoomError
from ffapp.providers.zoom.simulator.state import PROVIDER

# plan → category → (requests a second, requests a day or None)
PLANS: dict[str, dict[str, tuple[int, int | None]]] = {
    "free": {"Light": (4, 6000), "Medium": (2, 2000), "Heavy": (1, 1000)},
    "pro": {"Light": (30, None), "Medium": (20, None), "Heavy": (10, 30_000)},
    "business": {"Light": (80, None), "Medium": (60, None), "Heavy": (40, 60_000)},
}


def spend(category: str) -> None:
    """Count one request; raises ZoomError 429 when the second's or the day's are used up."""
    a_second, a_day = PLANS[switches.read("plan")][category]
    now = clock.wall()
    used = store.count(PROVIDER, category, f"{now:%Y-%m-%dT%H:%M:%S}")
    flask.g.limits = {
        "X-RateLimit-Category": category,
        "X-RateLimit-Limit": str(a_second),
        "X-RateLimit-Remaining": str(max(0, a_second - used)),
    }
    if used > a_second:
        raise too_fast()
    if a_day is not None and store.count(PROVIDER, category, f"{now:%Y-%m-%d}") > a_day:
        tomorrow = f"{now + timedelta(days=1):%Y-%m-%dT00:00:00Z}"
        raise ZoomError(
            429,
            429,
            "You have reached the maximum daily rate limit for this API. Refer to the response "
            "header for details on when you can make another request.",
            headers={"X-RateLimit-Type": "Daily-limit", "Retry-After": tomorrow},
        )


def spend_change(host_id: str) -> None:
    """Count one create or update of the host; raises ZoomError 429 from the 101st of the UTC day.

    The headers then still show what is left of the category, and there is no Retry-After.
    """
    day = f"{clock.wall():%Y-%m-%d}"
    if store.count(PROVIDER, f"changes of {host_id}", day) > wire.CHANGES_PER_HOST_AND_DAY:
        raise used_up()


def used_up() -> ZoomError:
    return ZoomError(
        429,
        429,
        f"You have exceeded the daily rate limit ({wire.CHANGES_PER_HOST_AND_DAY}) of Meeting "
        "Create/Update API requests permitted for this particular user. You may resume these "
        "requests at GMT 00:00:00.",
    )


def too_fast() -> ZoomError:
    return ZoomError(
        429,
        429,
        "You have reached the maximum per-second rate limit for this API. Try again later.",
        headers={"X-RateLimit-Type": "QPS"},
    )
