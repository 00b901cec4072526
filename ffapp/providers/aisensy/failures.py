"""Why WhatsApp did not deliver a message: Meta's codes, its own words, and what we tell people."""

from dataclasses import dataclass

NOT_ON_WHATSAPP = "131026"
OPTED_OUT = "131050"


@dataclass(frozen=True)
class Failure:
    """`words` are Meta's; `sentence` says what happened and what to do."""

    words: str
    sentence: str


# unconfirmed: the words, which AiSensy was seen to hand on only once
FAILURES: dict[str, Failure] = {
    NOT_ON_WHATSAPP: Failure(
        "Message undeliverable",
        "WhatsApp cannot reach this number: it is not on WhatsApp, or its app is too old. Use "
        "another channel for this person.",
    ),
    "131049": Failure(
        "This message was not delivered to maintain healthy ecosystem engagement.",
        "WhatsApp chose not to deliver it, because this person gets many such messages. Wait at "
        "least a day before the next one.",
    ),
    OPTED_OUT: Failure(
        "User has chosen to stop receiving marketing messages from this business",
        "This person has stopped such messages of ours on WhatsApp. Use another channel.",
    ),
    "130472": Failure(
        "User's number is part of an experiment",
        "This person's number is part of an experiment of WhatsApp's, and it was not delivered. "
        "Use another channel; sending it again does not help.",
    ),
    "132000": Failure(
        "Template Param Count Mismatch",
        "We sent another number of parameters than the template has. Compare the campaign's "
        "template in AiSensy with ours.",
    ),
    "132001": Failure(
        "Template does not exist",
        "WhatsApp does not know the campaign's template, or has not approved it yet. Look at the "
        "template in AiSensy.",
    ),
    "132005": Failure(
        "Template Hydrated Text too long",
        "The text is too long once the parameters are filled in. Shorten the class's title.",
    ),
    "132007": Failure(
        "Template Format Character Policy Violated",
        "The text breaks WhatsApp's rules for templates. Change the class's title, or the template "
        "in AiSensy.",
    ),
    "132012": Failure(
        "Template Parameter Format Mismatch",
        "A parameter has a form that the template does not take. Compare the campaign's template "
        "in AiSensy with ours.",
    ),
    "132018": Failure(
        "Template Parameter Format Violated",
        "A parameter holds a line break, a tab or too many spaces, which is a mistake of the "
        "programme. Sending it again does not help.",
    ),
    "132015": Failure(
        "Template is Paused",
        "WhatsApp has paused the template because people found it unwelcome. Edit it in AiSensy "
        "before more is sent.",
    ),
    "132016": Failure(
        "Template is Disabled",
        "WhatsApp has switched the template off for good because people found it unwelcome. Make "
        "another one in AiSensy.",
    ),
    "131008": Failure(
        "Required parameter is missing",
        "A parameter that the template needs was missing, such as that of a button. Compare the "
        "campaign's template in AiSensy with ours.",
    ),
    "131048": Failure(
        "Spam rate limit hit",
        "WhatsApp holds our number back because people marked its messages as spam. Send less, and "
        "look at the number's quality in AiSensy.",
    ),
    "131056": Failure(
        "(Business Account, Consumer Account) pair rate limit hit",
        "Too many messages went to this person in a short time. Wait before the next one.",
    ),
    "130429": Failure(
        "Rate limit hit",
        "Too many messages went out at once. Send this one again in a few minutes.",
    ),
    "131031": Failure(
        "Business Account locked",
        "WhatsApp has locked our whole account: nothing is delivered to anybody until it is "
        "unlocked. Look at the account in AiSensy.",
    ),
    "131042": Failure(
        "Business eligibility payment issue",
        "WhatsApp cannot charge our account: nothing is delivered to anybody until that is "
        "settled. Look at the payment method in AiSensy.",
    ),
}


def sentence_of(code: str, words: str) -> str:
    """What to tell people about a failure; `words` are the provider's, for a code unknown to us."""
    if code in FAILURES:
        return FAILURES[code].sentence
    told = ": ".join(filter(None, (f"code {code}" if code else "", words)))
    return f"WhatsApp did not deliver it ({told or 'it does not say why'})."
