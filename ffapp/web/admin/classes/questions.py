"""What is asked about the dates of a class, in sentences: of a series, each with its dates."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from ffapp.classes.series import Occurrence
from ffapp.core import clock


def spell(
    dates: Sequence[Occurrence], found: Mapping[datetime, Sequence[str]], typed: time, zone: str
) -> list[str]:
    """One line for each thing that is asked; of a series it begins with the dates it is about."""
    if len(dates) == 1:
        (only,) = dates
        return [*found[only.starts_at], *_of_the_clocks(only, typed, zone)]
    about: dict[str, list[datetime]] = {}
    for each in dates:
        for sentence in (*found[each.starts_at], *_of_the_clocks(each, typed, zone)):
            about.setdefault(sentence, []).append(each.starts_at)
    return [f"{_days(starts, len(dates), zone)}: {sentence}" for sentence, starts in about.items()]


def skipped(day: date, typed: time, occurrence: Occurrence, zone: str) -> str:
    """What stands beside the field when the clocks skip the time on the one day."""
    return (
        f"On {day.day} {day:%B %Y} the clocks skip {_time_of_day(typed)} in {zone_words(zone)}."
        f" The first time after it is {clock.spell_time(occurrence.starts_at, zone)}."
    )


def zone_words(zone: str) -> str:
    """`Asia/Kolkata` as it reads in a sentence."""
    return zone.replace("_", " ")


def _of_the_clocks(occurrence: Occurrence, typed: time, zone: str) -> list[str]:
    """Where the clocks go forward an hour is not there; where they go back it is there twice."""
    if occurrence.skipped:
        later = clock.spell_time(occurrence.starts_at, zone)
        return [
            f"The clocks skip {_time_of_day(typed)} that night in {zone_words(zone)}. This class"
            f" would begin at {later}."
        ]
    local = clock.local(occurrence.starts_at, zone)
    if local.fold or local.replace(fold=1).utcoffset() == local.utcoffset():
        return []
    return [
        f"{_time_of_day(local.time())} comes twice that night in {zone_words(zone)}, when the"
        f" clocks go back. We take the first one, {local.tzname()}."
    ]


def _days(starts: Sequence[datetime], of: int, zone: str) -> str:
    """`Sat 5 Dec, Sat 12 Dec`, or all of them in one word."""
    if len(starts) == of:
        return f"All {of} classes"
    days = [clock.local(start, zone) for start in starts]
    return ", ".join(f"{day:%a} {day.day} {day:%b %Y}" for day in days)


def _time_of_day(moment: time) -> str:
    return f"{moment.hour % 12 or 12}:{moment:%M} {'am' if moment.hour < 12 else 'pm'}"
