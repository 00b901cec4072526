"""What the Zoom app must be allowed to do."""

from ffapp.core.outcomes import Refused
from ffapp.providers.zoom.sentences import LACKS_SCOPE, scopes_sentence

# purpose → (granular scope, the scope that covers it in apps made before 2024)
SCOPES: dict[str, tuple[str, str]] = {
    "create meetings": ("meeting:write:meeting:admin", "meeting:write:admin"),
    "read meetings": ("meeting:read:meeting:admin", "meeting:read:admin"),
    "list meetings": ("meeting:read:list_meetings:admin", "meeting:read:admin"),
    "move meetings": ("meeting:update:meeting:admin", "meeting:write:admin"),
    "delete meetings": ("meeting:delete:meeting:admin", "meeting:write:admin"),
    "list past meetings": ("meeting:read:list_past_instances:admin", "meeting:read:admin"),
    "list participants": ("meeting:read:list_past_participants:admin", "meeting:read:admin"),
    "list recordings": ("cloud_recording:read:list_user_recordings:admin", "recording:read:admin"),
    "read recordings": ("cloud_recording:read:list_recording_files:admin", "recording:read:admin"),
    "hear of recordings": ("cloud_recording:read:recording:admin", "recording:read:admin"),
    "hear who joined": ("meeting:read:participant:admin", "meeting:read:admin"),
}
# What personal links need beside them.
LINK_SCOPES: dict[str, tuple[str, str]] = {
    "register people": ("meeting:write:batch_registrants:admin", "meeting:write:admin"),
    "cancel registrations": ("meeting:update:registrant_status:admin", "meeting:write:admin"),
    "list the registered": ("meeting:read:list_registrants:admin", "meeting:read:admin"),
}


def missing_from(granted: str, *, personal_links: bool) -> list[str]:
    """The scopes, in today's form, that a token's scope string does not cover."""
    held = set(granted.split())
    needed = {**SCOPES, **(LINK_SCOPES if personal_links else {})}
    return [granular for granular, classic in needed.values() if not held & {granular, classic}]


def checked(granted: str, *, personal_links: bool) -> str:
    """One sentence saying that a token's scope string covers all; raises Refused otherwise."""
    missing = missing_from(granted, personal_links=personal_links)
    if missing:
        lacks = scopes_sentence(missing, then="check again")
        raise Refused(f"Zoom accepts our credentials. {lacks}", code=str(LACKS_SCOPE))
    return "Zoom accepts our credentials and grants every scope that we need."
