"""What Zoom's codes mean, in sentences that say what to do; and what the app must be allowed."""

from ffapp.core.outcomes import Refused

LACKS_SCOPE = 4711
MEETING_GONE = 3001
NO_SUCH_USER = 1001
NO_RECORDING = 3301

# Zoom's code → what happened and what to do; {subject} is the host or the meeting of the call.
SENTENCES: dict[int, str] = {
    124: "Zoom does not accept our access token, not even a new one. Check in Zoom's App "
    "Marketplace that the app is activated, then press Retry.",
    200: "Zoom does not permit this for {subject} ({message}). Check the plan of the Zoom account "
    "and the role of the person who made the app, then press Retry.",
    1000: "{subject} has not activated their Zoom user yet. Ask them to, then press Retry.",
    NO_SUCH_USER: "Zoom has no user {subject}. Correct the host's e-mail address, or add them to "
    "the Zoom account, then press Retry.",
    1008: "{subject} has not activated their Zoom user yet. Ask them to, then press Retry.",
    1010: "{subject} belongs to another Zoom account. Choose a host of our account, then press "
    "Retry.",
    1120: "{subject} has not accepted Zoom's invitation, or it ran out. Invite them again in Zoom, "
    "then press Retry.",
    2300: "Zoom does not know the address that was called. Check ZOOM_API_BASE_URL.",
    3000: "Zoom cannot do this with {subject} ({message}). A meeting that was turned into a "
    "webinar must be handled in Zoom.",
    MEETING_GONE: "Zoom no longer has {subject}: it was deleted there, or its number has expired.",
    3002: "{subject} is in progress. End it first, then press Retry.",
    3003: "The app may not act for the host of {subject}.",
    3007: "{subject} has already ended at Zoom.",
    3161: "{subject} is not allowed to host meetings. Give this user a Zoom licence, then press "
    "Retry.",
    NO_RECORDING: "Zoom has no recording of {subject}.",
    12702: "Zoom shows meetings of the last year only.",
}

TOKEN_SENTENCES = {
    "invalid_client": "Zoom does not accept our credentials. Check ZOOM_CLIENT_ID and "
    "ZOOM_CLIENT_SECRET.",
    "invalid_request": "Zoom does not accept our account. Check ZOOM_ACCOUNT_ID.",
    "unsupported_grant_type": "The Zoom app is not a Server-to-Server OAuth app. Make one in "
    "Zoom's App Marketplace and use its account id, client id and client secret.",
}


def scopes_sentence(scopes: list[str], then: str = "press Retry") -> str:
    """What to do about missing scopes, and then."""
    named = ", ".join(scopes) if scopes else "that this needs"
    noun, pronoun = ("scopes", "them") if len(scopes) > 1 else ("scope", "it")
    return (
        f"The Zoom app lacks the {noun} {named}. Add {pronoun} to the app in Zoom's App "
        f"Marketplace, then {then}."
    )


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
    "webhooks about recordings": ("cloud_recording:read:recording:admin", "recording:read:admin"),
    "webhooks about participants": ("meeting:read:participant:admin", "meeting:read:admin"),
}
# What personal links need beside them.
LINK_SCOPES: dict[str, tuple[str, str]] = {
    "register people": ("meeting:write:batch_registrants:admin", "meeting:write:admin"),
    "cancel registrations": ("meeting:update:registrant_status:admin", "meeting:write:admin"),
    "list the registered": ("meeting:read:list_registrants:admin", "meeting:read:admin"),
}


def missing_scopes(granted: str, *, personal_links: bool) -> list[str]:
    """The scopes, in today's form, that a token's scope string does not cover."""
    held = set(granted.split())
    needed = {**SCOPES, **(LINK_SCOPES if personal_links else {})}
    return [granular for granular, classic in needed.values() if not held & {granular, classic}]


def check_scopes(granted: str, *, personal_links: bool) -> str:
    """One sentence saying that a token's scope string covers all; raises Refused otherwise."""
    missing = missing_scopes(granted, personal_links=personal_links)
    if missing:
        lacks = scopes_sentence(missing, then="check again")
        raise Refused(f"Zoom accepts our credentials. {lacks}", code=str(LACKS_SCOPE))
    return "Zoom accepts our credentials and grants every scope that we need."
