"""Time: the one source of business instants, and the arithmetic of time zones.

Business instants (when a class starts, when an effect is due) come from `now()`, whose source can
be replaced. Leases, heartbeats, rate limits and signature windows use `wall()`, which cannot.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from babel.dates import format_datetime, get_timezone_location

from ffapp.core import i18n

_source: Callable[[], datetime] | None = None


class UnknownZone(ValueError):
    """No time zone has this name."""


class NonexistentTime(ValueError):
    """The clocks skip this local time on that day; `.later` is the first local time that exists."""

    def __init__(self, later: datetime) -> None:
        super().__init__("The clocks skip this time on that day")
        self.later = later


def wall() -> datetime:
    """The machine's clock, aware, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The business clock, aware, in UTC."""
    return _source() if _source else wall()


@contextmanager
def running_on(source: Callable[[], datetime]) -> Iterator[None]:
    """Take business instants from `source` (aware datetimes) while the block runs."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before


@cache
def zone_names() -> frozenset[str]:
    """The IANA names a person may choose, such as `Asia/Kolkata`; each zone by one name."""
    return frozenset(_newest_name(name) for name in _all_zones())


@cache
def _all_zones() -> frozenset[str]:
    return frozenset(
        name
        for name in available_timezones()
        if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "posix/")))
    )


def zone(name: str) -> ZoneInfo:
    """The zone called `name`; raises UnknownZone."""
    if name not in _all_zones():
        raise UnknownZone(f"“{name}” is not the name of a time zone")
    return ZoneInfo(name)


def find_zone(typed: str) -> str:
    """The name of the zone that a person means: by its name, an older name, or its city.

    Raises UnknownZone, also where several zones have such a city.
    """
    name = "_".join(typed.split()).casefold()
    names = {each.casefold(): each for each in _all_zones()}
    found = {names[name]} if name in names else _zones_of_city().get(name, set())
    if len(found) != 1:
        raise UnknownZone(f"“{typed}” is not the name of a time zone")
    (only,) = found
    return _newest_name(only)


def _newest_name(name: str) -> str:
    """`Asia/Kolkata`, of `Asia/Calcutta`."""
    newest = get_global("zone_aliases").get(name, name)
    return newest if newest in _all_zones() else name


@cache
def _zones_of_city() -> dict[str, set[str]]:
    """City in small letters → its zones, old names of cities too: `calcutta`, `kolkata`."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in _all_zones():
        found[name.rsplit("/", 1)[-1].casefold()].add(_newest_name(name))
    return found


def instant_of(day: date, at: time, zone_name: str) -> datetime:
    """The UTC instant of a local date and time; of a repeated hour, the first one.

    Raises UnknownZone, or NonexistentTime where the clocks skip that time.
    """
    local = datetime.combine(day, at.replace(tzinfo=None)).replace(tzinfo=zone(zone_name))
    back = local.astimezone(UTC).astimezone(local.tzinfo)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NonexistentTime(later=_end_of_gap(back))
    return local.astimezone(UTC)


def _end_of_gap(after: datetime) -> datetime:
    """The first minute that has the offset which holds at `after`, behind the clocks' jump."""
    minute = timedelta(minutes=1)
    while True:
        before = (after.astimezone(UTC) - minute).astimezone(after.tzinfo)
        if before.utcoffset() != after.utcoffset():
            return after
        after = before


def local(instant: datetime, zone_name: str) -> datetime:
    """The same instant on the wall clock of a zone."""
    return instant.astimezone(zone(zone_name))


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def zone_label(instant: datetime, zone_name: str) -> str:
    """How people call the zone then: `IST`, or `Dubai time` where it has no short name."""
    name = local(instant, zone_name).tzname() or ""
    if name[:1] not in "+-":
        return name
    place = zone_name.rsplit("/", 1)[-1].replace("_", " ")
    if i18n.current_language() != i18n.ENGLISH:
        place = get_timezone_location(zone_name, locale=i18n.locale(), return_city=True)
    return i18n.gettext("%(place)s time", place=place)


def spell_time(instant: datetime, zone_name: str) -> str:
    """`5:00 pm`, or as one says it in the language in force."""
    there = local(instant, zone_name)
    if i18n.current_language() != i18n.ENGLISH:
        # Translators: a CLDR pattern of a time of day
        return format_datetime(there, i18n.gettext("h:mm a"), locale=i18n.locale())
    return f"{there.hour % 12 or 12}:{there:%M} {'am' if there.hour < 12 else 'pm'}"


def spell(instant: datetime, zone_name: str) -> str:
    """`Sat 6 Dec, 5:00 pm IST`, with the year where it is not this one."""
    time_text = f"{spell_time(instant, zone_name)} {zone_label(instant, zone_name)}"
    return f"{spell_day(instant, zone_name, weekday=True)}, {time_text}"


def spell_day(instant: datetime, zone_name: str, *, weekday: bool = False) -> str:
    """`6 Dec` or `Sat 6 Dec`, with the year where it is not this one."""
    there = local(instant, zone_name)
    is_this_year = there.year == local(now(), zone_name).year
    if i18n.current_language() == i18n.ENGLISH:
        name = f"{there:%a} " if weekday else ""
        return f"{name}{there.day} {there:%b}" + ("" if is_this_year else f" {there.year}")
    if weekday:
        pattern = i18n.gettext("EEE d MMM") if is_this_year else i18n.gettext("EEE d MMM y")
    else:
        pattern = i18n.gettext("d MMM") if is_this_year else i18n.gettext("d MMM y")
    return i18n.format_date(there.date(), pattern)
