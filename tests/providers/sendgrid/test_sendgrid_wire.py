"""Event bytes and signatures against SendGrid's own published ones."""

import pytest

from ffapp.providers.sendgrid import wire

# From the tests of SendGrid's own libraries: a real post.
REAL_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw"
    "+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)
REAL_SIGNATURE = (
    "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtE"
    "ZtM="
)
REAL_TIMESTAMP = "1600112502"
REAL_ROWS = [
    {
        "timestamp": 1600112492,
        "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
        "sg_message_id": (
            "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0"
        ),
        "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
        "reason": "Bounced Address",
        "event": "dropped",
        "email": "hello@world.com",
    }
]

BODY = wire.encode_events(REAL_ROWS)


def test_the_bytes_of_a_real_post_verify() -> None:
    assert len(BODY) == 327
    wire.verify(REAL_KEY, REAL_SIGNATURE, REAL_TIMESTAMP, BODY)


def test_letters_outside_ascii_and_angle_brackets_stay_as_they_are() -> None:
    row = {"reason": "<आशा> & co"}
    assert wire.encode_events([row]) == '[{"reason":"<आशा> & co"}]\r\n'.encode()


@pytest.mark.parametrize(
    ("signature", "timestamp", "body"),
    [
        (REAL_SIGNATURE, REAL_TIMESTAMP, BODY[:-2]),
        (REAL_SIGNATURE, REAL_TIMESTAMP, BODY.replace(b",", b", ")),
        (REAL_SIGNATURE, "1757090102", BODY),
        ("", REAL_TIMESTAMP, BODY),
        ("AAAA", REAL_TIMESTAMP, BODY),
        ("schlüssel", REAL_TIMESTAMP, BODY),
    ],
)
def test_anything_else_does_not_verify(signature, timestamp, body) -> None:
    with pytest.raises(wire.NotSigned):
        wire.verify(REAL_KEY, signature, timestamp, body)


@pytest.mark.parametrize(
    "public_key", ["", "no key", "AAAA", REAL_KEY[:-4], "ключ", REAL_KEY[:60] + REAL_KEY[64:]]
)
def test_a_key_that_cannot_be_read_is_said_to_be_so(public_key: str) -> None:
    with pytest.raises(wire.NotSigned, match="our verification key"):
        wire.verify(public_key, REAL_SIGNATURE, REAL_TIMESTAMP, b"")


def test_errors_of_another_shape_are_none() -> None:
    assert wire.problems_in(None) == []
    assert wire.problems_in({"errors": "many"}) == []
    assert wire.problems_in({"errors": [{"message": "no", "field": None}]})[0].message == "no"
