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
    3161: "{subject} is not allowed to host meetings. Give this user a Zoom licence, then press "
    "Retry.",
    NO_RECORDING: "Zoom has no recording of {subject}.",
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


# What we need: the granular scope, and the one that covers it in apps made before 2024.
SCOPES = (
    ("meeting:write:meeting:admin", "meeting:write:admin"),
    ("meeting:read:meeting:admin", "meeting:read:admin"),
    ("meeting:read:list_meetings:admin", "meeting:read:admin"),
    ("meeting:update:meeting:admin", "meeting:write:admin"),
    ("meeting:delete:meeting:admin", "meeting:write:admin"),
    ("meeting:read:list_past_instances:admin", "meeting:read:admin"),
    ("meeting:read:list_past_participants:admin", "meeting:read:admin"),
    ("cloud_recording:read:list_user_recordings:admin", "recording:read:admin"),
    ("cloud_recording:read:list_recording_files:admin", "recording:read:admin"),
    ("cloud_recording:read:recording:admin", "recording:read:admin"),  # for webhooks
    ("meeting:read:participant:admin", "meeting:read:admin"),  # for webhooks
)
# What personal links need beside them.
LINK_SCOPES = (
    ("meeting:write:batch_registrants:admin", "meeting:write:admin"),
    ("meeting:update:registrant_status:admin", "meeting:write:admin"),
    ("meeting:read:list_registrants:admin", "meeting:read:admin"),
)


def check_scopes(granted: str, *, personal_links: bool) -> str:
    """One sentence saying that a token's scope string covers all; raises Refused otherwise."""
    held = set(granted.split())
    needed = (*SCOPES, *(LINK_SCOPES if personal_links else ()))
    if missing := [granular for granular, classic in needed if not held & {granular, classic}]:
        lacks = scopes_sentence(missing, then="check again")
        raise Refused(f"Zoom accepts our credentials. {lacks}", code=str(LACKS_SCOPE))
    return "Zoom accepts our credentials and grants every scope that we need."
