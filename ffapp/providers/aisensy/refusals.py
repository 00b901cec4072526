"""AiSensy's refusals: what its words mean, and what to tell people."""

from dataclasses import dataclass

from ffapp.core.outcomes import Refused


class MessageRefused(Refused):
    """Nothing was sent; `code` is our word for the reason."""


@dataclass(frozen=True)
class Meaning:
    code: str
    sentence: str  # with {campaign}, {status} and {words}, which are AiSensy's


CREDITS = Meaning(
    "credits",
    "The WhatsApp credits at AiSensy are used up, so no message goes out to anybody: buy credits "
    "there, then send again.",
)
KEY = Meaning(
    "credentials",
    "AiSensy does not take AISENSY_API_KEY (“{words}”), so no message goes out to anybody: copy "
    "the key from Manage › API Key there.",
)
ADDRESS = Meaning("address", "AiSensy answers at another address: check AISENSY_BASE_URL.")
OTHER = Meaning("refused", "AiSensy refused with {status}: {words}")

# A part of AiSensy's words, in lower case.
BY_WORDS = {
    "conversation credits": CREDITS,
    "no plan active": Meaning(
        "plan",
        "The AiSensy project has no active plan, so no message goes out to anybody: renew the plan "
        "there, then send again.",
    ),
    "template params does not match": Meaning(
        "params",
        "The AiSensy campaign “{campaign}” takes another number of parameters than we send: "
        "compare its template with ours.",
    ),
    "campaign does not exist": Meaning(
        "no_campaign",
        "AiSensy knows no campaign “{campaign}”: create it there and set it live, "
        "or correct its name in AISENSY_CAMPAIGNS.",
    ),
    "campaign is not live": Meaning(
        "not_live",
        "The AiSensy campaign “{campaign}” is not live: set it live there, then send again.",
    ),
    "button at index": Meaning(
        "button",
        "The template of the AiSensy campaign “{campaign}” has a button that wants a parameter: "
        "take the button away, or give it a fixed address.",
    ),
    "invalid number": Meaning(
        "number",
        "AiSensy cannot read this phone number: correct it, then send again.",
    ),
    "opted out": Meaning(
        "opted_out",
        "This person has opted out of our WhatsApp messages. Use another channel.",
    ),
}
BY_STATUS = {401: KEY, 402: CREDITS, 403: KEY, 404: ADDRESS, 405: ADDRESS}


def refusal(status: int, words: str, campaign: str) -> MessageRefused:
    """What a refusal means. `words` are AiSensy's, without secrets."""
    by_words = (meaning for part, meaning in BY_WORDS.items() if part in words.lower())
    meaning = next(by_words, BY_STATUS.get(status, OTHER))
    reason = meaning.sentence.format(campaign=campaign, status=status, words=words)
    return MessageRefused(reason, code=meaning.code, status=status)
