"""What docs/providers/zoom.md tells people to click is what the app asks for."""

from pathlib import Path

from ffapp.attendance import participant_sessions
from ffapp.meetings import zoom_webhook
from ffapp.providers.zoom.sentences import LINK_SCOPES, SCOPES
from ffapp.recordings import recording_refresh

PAGE = (Path(__file__).parents[3] / "docs" / "providers" / "zoom.md").read_text()


def test_every_scope_is_named():
    assert [each for each, _ in (*SCOPES, *LINK_SCOPES) if f"`{each}`" not in PAGE] == []


def test_every_event_is_named():
    tables = (zoom_webhook, participant_sessions, recording_refresh)
    names = [name for each in tables for name in each.WEBHOOKS]

    assert [name for name in names if f"`{name}`" not in PAGE] == []
