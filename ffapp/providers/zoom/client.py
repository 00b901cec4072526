"""Zoom as the programme uses it: meetings of a host, and their recordings.

Every method answers types of `wire` and raises only Refused, Unavailable or Unclear. Reading and
deleting are safe to repeat, so whatever breaks there is Unavailable; where creating or changing a
meeting breaks off, the result is not known, and that is Unclear.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from urllib.parse import quote

import httpx

from ffapp.core import clock
from ffapp.core.outcomes import Refused
from ffapp.providers.kit.http import Client
from ffapp.providers.zoom import downloads, wire, wire_people
from ffapp.providers.zoom.errors import Act, means
from ffapp.providers.zoom.sentences import MEETING_GONE, NO_RECORDING, check_scopes
from ffapp.providers.zoom.session import ZoomSession
from ffapp.providers.zoom.settings import ZoomSettings

# Zoom clips a longer range silently to one month before its end; the shortest month has 28 days.
RANGE_DAYS = 28


class HostRecordings(Iterator[wire.MeetingRecordings]):
    """All recordings of a host; `calls` is the number of pages fetched so far."""

    def __init__(self, session: ZoomSession, host: str, from_day: date, to_day: date) -> None:
        self.calls = 0
        self._act = Act("list the recordings", host, repeatable=True)
        self._path = f"users/{quote(host, safe='')}/recordings"
        self._found = self._all(session, from_day, to_day)

    def __next__(self) -> wire.MeetingRecordings:
        return next(self._found)

    def _all(
        self, session: ZoomSession, first: date, last: date
    ) -> Iterator[wire.MeetingRecordings]:
        while first <= last:
            end = min(last, first + timedelta(days=RANGE_DAYS - 1))
            query = {"from": first.isoformat(), "to": end.isoformat()}
            try:
                for page in session.pages(self._path, self._act, wire.RecordingPage, query):
                    self.calls += 1
                    yield from page.meetings
            except Refused as error:
                # Documented for “none”, beside the empty list that is seen in practice.
                if not means(error, NO_RECORDING):
                    raise
            first = end + timedelta(days=1)


class ZoomClient(Client):
    """One for the process; safe to share between threads. Needs an app context for its token."""

    def __init__(self, settings: ZoomSettings, inner: httpx.BaseTransport | None = None) -> None:
        self._session = ZoomSession(settings, inner)
        super().__init__(settings, self._session)
        self._personal_links = settings.personal_links

    def create_meeting(self, host: str, details: wire.MeetingDetails) -> wire.Meeting:
        """Schedule a meeting of `host` (e-mail or Zoom user id).

        Compare the settings of the answer with those asked for: Zoom gives what the host's plan
        allows. Raises Unclear when it may exist; ask `find_meeting` before creating it again.
        """
        act = Act("create the meeting", host, repeatable=False, changes_host=host)
        body = details.request(creating=True)
        return self._session.ask(
            "POST", f"users/{quote(host, safe='')}/meetings", act, wire.Meeting, json=body
        )

    def get_meeting(self, meeting_id: int) -> wire.Meeting:
        """The meeting as it is now; Refused with code 3001 when it is gone."""
        act = Act("show the meeting", f"meeting {meeting_id}", repeatable=True)
        return self._session.ask("GET", f"meetings/{meeting_id}", act, wire.Meeting)

    def update_meeting(self, meeting_id: int, details: wire.MeetingDetails) -> None:
        """Change the meeting to `details`; passcode and join link stay. Gone: Refused, 3001.

        Zoom may accept a value and not take it (a start in the past): read back what matters.
        """
        subject = f"meeting {meeting_id}"
        act = Act("change the meeting", subject, repeatable=False, changes_host="This host")
        self._session.call(
            "PATCH", f"meetings/{meeting_id}", act, json=details.request(creating=False)
        )

    def delete_meeting(self, meeting_id: int) -> None:
        """Delete the meeting; one that is gone already is fine."""
        act = Act("delete the meeting", f"meeting {meeting_id}", repeatable=True)
        try:
            self._session.call("DELETE", f"meetings/{meeting_id}", act)
        except Refused as error:
            if not means(error, MEETING_GONE):
                raise

    def find_meeting(self, host: str, marker: str) -> wire.Meeting | None:
        """The meeting of `host` whose agenda begins with `marker`, or None."""
        found = next(self._ids_with(host, marker), None)
        return self._still_there(found) if found else None

    def find_all_meetings(self, host: str, marker: str) -> set[int]:
        """The ids of all meetings of `host` whose agenda begins with `marker`."""
        return set(self._ids_with(host, marker))

    def _ids_with(self, host: str, marker: str) -> Iterator[int]:
        """Upcoming meetings first, then all scheduled ones: one whose time has just passed is no
        longer upcoming."""
        act = Act("list the meetings", host, repeatable=True)
        for kind in ("upcoming", "scheduled"):
            for page in self._session.pages(
                f"users/{quote(host, safe='')}/meetings", act, wire.MeetingPage, {"type": kind}
            ):
                for meeting in page.meetings:
                    if meeting.agenda.startswith(marker):
                        yield meeting.id

    def recordings_of_host(self, host: str, from_day: date, to_day: date) -> HostRecordings:
        """Recordings of classes that began on these UTC days, both included, one per held class.

        They are listed while Zoom still records or processes them. Nothing is asked before the
        first `next()`; `calls` of what is returned counts the requests that were answered so far.
        """
        return HostRecordings(self._session, host, from_day, to_day)

    def recordings_of_meeting(self, id_or_uuid: int | str) -> wire.MeetingRecordings | None:
        """The recordings of one held class, with passcode; of a number, those of its latest.

        None when there are none and also while Zoom is processing them: it answers the same.
        """
        act = Act("list the recordings", f"meeting {id_or_uuid}", repeatable=True)
        path = f"meetings/{wire.meeting_path(id_or_uuid)}/recordings"
        try:
            return self._session.ask("GET", path, act, wire.MeetingRecordings)
        except Refused as error:
            if means(error, NO_RECORDING):
                return None
            raise

    def read_file(self, download_url: str) -> str:
        """The text of a recording's file, such as a transcript; `download_url` is Zoom's own."""
        return downloads.read_text(self._session, self.settings, download_url)

    def past_instances(self, meeting_id: int) -> list[wire.PastInstance]:
        """The times that the meeting was held and has ended; none is an empty list."""
        act = Act("list past meetings", f"meeting {meeting_id}", repeatable=True)
        path = f"past_meetings/{meeting_id}/instances"
        try:
            return self._session.ask("GET", path, act, wire.PastInstances).meetings
        except Refused as error:
            if means(error, MEETING_GONE):
                return []
            raise

    def past_participants(self, uuid: str) -> Iterator[wire_people.PastParticipant]:
        """Who was in the meeting that was held under this UUID; a call for each page, when needed.

        Zoom refuses with code 3001 until it has counted a meeting that has just ended, and names
        nobody where only one was there.
        """
        act = Act("list the participants", f"meeting {uuid}", repeatable=True)
        path = f"past_meetings/{wire.meeting_path(uuid)}/participants"
        for page in self._session.pages(path, act, wire_people.PastParticipantPage, {}):
            yield from page.participants

    def register(
        self, meeting_id: int, people: Sequence[wire_people.NewRegistrant]
    ) -> list[wire_people.Registrant]:
        """Register at most 30 people; each gets a link of their own, and Zoom writes to nobody.

        The meeting must ask for registration. Raises Unclear when they may be registered; ask
        `find_registrant` before registering them again.
        """
        act = Act("register people", f"meeting {meeting_id}", repeatable=False)
        body = {
            "auto_approve": True,
            "registrants_confirmation_email": False,
            "registrants": [each.model_dump(exclude_none=True) for each in people],
        }
        path = f"meetings/{meeting_id}/batch_registrants"
        return self._session.ask("POST", path, act, wire_people.Registrants, json=body).registrants

    def unregister(self, meeting_id: int, people: Sequence[wire_people.KnownRegistrant]) -> None:
        """Take the links of at most 30 people back; one that is taken back already is fine.

        Gone: Refused, 3001.
        """
        act = Act("cancel registrations", f"meeting {meeting_id}", repeatable=True)
        body = {"action": "cancel", "registrants": [each.model_dump() for each in people]}
        self._session.call("PUT", f"meetings/{meeting_id}/registrants/status", act, json=body)

    def find_registrant(self, meeting_id: int, email: str) -> wire_people.Registrant | None:
        """Who is registered with that address, or None. Gone: Refused, 3001."""
        for each in self.registrants(meeting_id):
            if each.email.lower() == email.lower():
                return each
        return None

    def registrants(self, meeting_id: int) -> Iterator[wire_people.Registrant]:
        """Everybody who may come in by a link of their own; a call for each page, when needed."""
        act = Act("list the registrants", f"meeting {meeting_id}", repeatable=True)
        path = f"meetings/{meeting_id}/registrants"
        for page in self._session.pages(path, act, wire_people.Registrants, {"status": "approved"}):
            yield from page.registrants

    def check(self) -> str:
        """Fetch a new token; one sentence saying that it may do all that we need.

        Raises Refused when the credentials are wrong or scopes are missing, and names them.
        """
        asked_at = clock.wall()
        token = self._session.shared_token.get()
        if token.fetched_at < asked_at:  # it may be from before the app was changed
            token = self._session.renewed(token)
        return check_scopes(token.scope, personal_links=self._personal_links)

    def _still_there(self, meeting_id: int) -> wire.Meeting | None:
        try:
            return self.get_meeting(meeting_id)
        except Refused as error:
            if means(error, MEETING_GONE):
                return None
            raise
