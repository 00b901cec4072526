"""All recordings of a host, however long the range and however many the pages."""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import quote

from ffapp.core.outcomes import Refused
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.calls import ZoomCalls
from ffapp.providers.zoom.errors import Act, means
from ffapp.providers.zoom.sentences import NO_RECORDING

# Zoom clips a longer range silently to one month before its end; the shortest month has 28 days.
RANGE_DAYS = 28


class HostRecordings(Iterator[wire.MeetingRecordings]):
    """Iterates over a host's recordings; `calls` is the number of pages fetched so far."""

    def __init__(self, calls: ZoomCalls, host: str, from_day: date, to_day: date) -> None:
        self.calls = 0
        self._act = Act("list the recordings", host, repeatable=True)
        self._path = f"users/{quote(host, safe='')}/recordings"
        self._found = self._all(calls, from_day, to_day)

    def __next__(self) -> wire.MeetingRecordings:
        return next(self._found)

    def _all(self, calls: ZoomCalls, first: date, last: date) -> Iterator[wire.MeetingRecordings]:
        while first <= last:
            end = min(last, first + timedelta(days=RANGE_DAYS - 1))
            query = {"from": first.isoformat(), "to": end.isoformat()}
            try:
                for page in calls.pages(self._path, self._act, wire.RecordingPage, query):
                    self.calls += 1
                    yield from page.meetings
            except Refused as error:
                # Documented for “none”, beside the empty list that is seen in practice.
                if not means(error, NO_RECORDING):
                    raise
            first = end + timedelta(days=1)
