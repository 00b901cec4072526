"""What the simulator finds wrong with personalizations, word for word."""

import pytest

from ffapp.core import clock
from ffapp.providers.sendgrid.simulator import personalizations

from .test_sendgrid_validation import ASHA, LONG, MP, P0, found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, (personalizations.NONE, "personalizations", "-Personalizations-Errors")),
        ([], (personalizations.NONE, "personalizations", "-Personalizations-Errors")),
        ({}, ("Invalid type. Expected: array, given: object.", "personalizations", None)),
        ([None], ("Invalid type. Expected: object, given: null.", P0, None)),
        (
            [{"to": [ASHA]}] * 1001,
            (
                "The personalization block is limited to 1000 personalizations per API request. "
                "You have provided 1001 personalizations. Please consider splitting this into "
                "multiple requests and resending your request.",
                "personalizations",
                "-Personalizations-Errors",
            ),
        ),
        (
            [{"to": [{"email": f"p{n}@example.com"} for n in range(501)]} for _ in range(2)],
            (
                "There is a limit of 1000 total recipients (to + cc + bcc) per request.",
                "personalizations",
                "-Personalizations-Errors",
            ),
        ),
        ([{}], (personalizations.NO_TO, f"{P0}.to", f"{MP}.to")),
        ([{"to": []}], (personalizations.NO_TO, f"{P0}.to", f"{MP}.to")),
    ],
)
def test_personalizations(body, value, expected) -> None:
    assert found(body | {"personalizations": value}) == [expected]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"to": ASHA}, ("Invalid type. Expected: array, given: object.", f"{P0}.to", f"{MP}.to")),
        (
            {"to": ["asha@example.com"]},
            ("Invalid type. Expected: object, given: string.", f"{P0}.to.0", f"{MP}.to"),
        ),
        ({"to": [{}]}, ("The to email parameter is required.", f"{P0}.to.0.email", f"{MP}.to")),
        (
            {"to": [{"email": "asha"}]},
            ("Does not contain a valid address.", f"{P0}.to.0.email", f"{MP}.to"),
        ),
        (
            {"to": [ASHA, {"email": "refused@example.com"}]},
            ("Does not contain a valid address.", f"{P0}.to.1.email", f"{MP}.to"),
        ),
        (
            {"to": [{"email": LONG}]},
            (
                "The To email exceeds the maximum total length of 320 characters",
                f"{P0}.to.0.email",
                f"{MP}.to",
            ),
        ),
        (
            {"cc": [{"email": LONG}]},
            (
                "The CC email exceeds the maximum total length of 320 characters",
                f"{P0}.cc.0.email",
                f"{MP}.cc",
            ),
        ),
        (
            {"bcc": [{"email": "ASHA@example.com"}]},
            (
                "Each email address in the personalization block should be unique between to, cc, "
                "and bcc. We found the first duplicate instance of [ASHA@example.com] in the "
                "personalizations.0.bcc field.",
                P0,
                "message.recipient-errors",
            ),
        ),
        ({"subject": ""}, (personalizations.SUBJECT, f"{P0}.subject", f"{MP}.subject")),
        (
            {"headers": {"X-A": 1}},
            ("All values of the headers object must be strings.", f"{P0}.headers", f"{MP}.headers"),
        ),
        (
            {"headers": {"Reply-To": "x"}},
            ("Header cannot be one of the reserved keys.", f"{P0}.headers", f"{MP}.headers"),
        ),
        (
            {"headers": {"X A": "x"}},
            (
                "Header keys cannot contain non-ASCII characters or empty spaces.",
                f"{P0}.headers",
                f"{MP}.headers",
            ),
        ),
        (
            {"substitutions": {"-n-": 1}},
            (
                "The substitution values must be an object of key/value pairs, where the values "
                "are all strings.",
                f"{P0}.substitutions",
                f"{MP}.substitutions",
            ),
        ),
        (
            {"substitutions": {"-n-": "x" * 9_998}},
            (
                "You are limited to 10,000 substitutions.",
                f"{P0}.substitutions",
                f"{MP}.substitutions",
            ),
        ),
        (
            {"custom_args": {"effect_id": 1}},
            (
                "All values of custom arguments object must be strings",
                f"{P0}.custom_args",
                f"{MP}.custom_args",
            ),
        ),
        (
            {"custom_args": {}},
            ("custom_args cannot be empty.", f"{P0}.custom_args", f"{MP}.custom_args"),
        ),
        (
            {"custom_args": {"a": "x" * 10_000}},
            (personalizations.ARGS_TOO_LONG, f"{P0}.custom_args", f"{MP}.custom_args"),
        ),
        (
            {"send_at": "now"},
            (
                "The send_at parameter is expecting a Unix timestamp as an integer. We will send "
                "immediately if you include a send_at timestamp that is in the past.",
                f"{P0}.send_at",
                f"{MP}.send_at",
            ),
        ),
        (
            {"send_at": int(clock.wall().timestamp()) + 73 * 3600},
            (
                "Scheduling more than 72 hours in advance is forbidden.",
                f"{P0}.send_at",
                f"{MP}.send_at",
            ),
        ),
    ],
)
def test_one_personalization(body, more, expected) -> None:
    assert found(body | {"personalizations": [{"to": [ASHA], **more}]}) == [expected]


def test_substitutions_and_a_dynamic_template_exclude_each_other(body) -> None:
    change = {
        "template_id": "d-1",
        "personalizations": [{"to": [ASHA], "substitutions": {"-n-": "Asha"}}],
    }
    assert found(body | change)[0] == (
        "Substitutions may not be used with dynamic templating",
        f"{P0}.substitutions",
        f"{MP}.substitutions",
    )
