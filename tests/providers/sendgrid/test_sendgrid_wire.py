"""Event bytes and signatures against SendGrid's own published ones."""

import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sendgrid.helpers.eventwebhook import EventWebhook

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

# A worked example of two events under a key of our own.
SCALAR = int("2b24e83b88eb1da2e0f8c46fd45afa9df7c2472d3516bf5d2cb203d81fb660f8", 16)
KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAECtW6JKPs2SY7qhvD+F6dT+KxDdQ2QSZ2NPw2Y0rshUAAkYD5P5IkvZpYh"
    "pGXzQrDsxw3R3Sb8jZ2iCwGUyuY3w=="
)
TIMESTAMP = "1757090101"
SIGNATURE = (
    "MEQCIHoQT1Ku9QSdnHvWUSaaNb36QB+aNMdc6C5InLh6fbzGAiBm4uRGh5y+Sz8LEuZKMVFfUvHQzZa/6RNXuSbMBygV"
    "6g=="
)
SMTP_ID = "<AAECAwQFBgcICQoLDA0ODw@geopod-ismtpd-11>"
MESSAGE_ID = "AAECAwQFBgcICQoLDA0ODw.recvd-5b6c5d8b9c-abcde-1-68BB1132-C.0"
ROWS = [
    {
        "event": "processed",
        "email": "lead@example.com",
        "timestamp": 1757090098,
        "lead_id": "42",
        "send_at": 0,
        "sg_event_id": "cHJvY2Vzc2VkLTEyMzQ1Njc4LUFBRUNBd1FGQmdjSUNRb0xEQTBPRHctMA",
        "sg_message_id": MESSAGE_ID,
        "smtp-id": SMTP_ID,
    },
    {
        "event": "delivered",
        "email": "lead@example.com",
        "timestamp": 1757090099,
        "ip": "149.72.61.10",
        "lead_id": "42",
        "response": "250 2.0.0 OK",
        "sg_event_id": "ZGVsaXZlcmVkLTAtMTIzNDU2NzgtQUFFQ0F3UUZCZ2NJQ1FvTERBME9Edy0w",
        "sg_message_id": MESSAGE_ID,
        "smtp-id": SMTP_ID,
        "tls": 1,
    },
]


def test_the_bytes_of_a_real_post_verify() -> None:
    body = wire.encode_events(REAL_ROWS)
    assert len(body) == 327
    wire.verify(REAL_KEY, REAL_SIGNATURE, REAL_TIMESTAMP, body)


def test_the_bytes_of_two_events() -> None:
    body = wire.encode_events(ROWS)
    assert len(body) == 663
    digest = hashlib.sha256(TIMESTAMP.encode() + body).hexdigest()
    assert digest == "f22da2688d914269986bc108f39d6e662b96fa9778ddbd3d5d6ab1bc8ea1e76b"
    wire.verify(KEY, SIGNATURE, TIMESTAMP, body)


def test_letters_outside_ascii_and_angle_brackets_stay_as_they_are() -> None:
    row = {"reason": "<आशा> & co"}
    assert wire.encode_events([row]) == '[{"reason":"<आशा> & co"}]\r\n'.encode()


@pytest.mark.parametrize(
    ("signature", "timestamp", "change"),
    [
        (SIGNATURE, TIMESTAMP, lambda body: body[:-2]),
        (SIGNATURE, TIMESTAMP, lambda body: body.replace(b",\r\n", b",")),
        (SIGNATURE, "1757090102", lambda body: body),
        (REAL_SIGNATURE, TIMESTAMP, lambda body: body),
        ("", TIMESTAMP, lambda body: body),
        ("AAAA", TIMESTAMP, lambda body: body),
        ("not base64!", TIMESTAMP, lambda body: body),
        ("schlüssel", TIMESTAMP, lambda body: body),
    ],
)
def test_anything_else_does_not_verify(signature, timestamp, change) -> None:
    with pytest.raises(wire.NotSigned):
        wire.verify(KEY, signature, timestamp, change(wire.encode_events(ROWS)))


@pytest.mark.parametrize(
    "public_key", ["", "no key", "AAAA", KEY[:-4], "ключ", KEY[:60] + KEY[64:]]
)
def test_a_key_that_cannot_be_read_is_said_to_be_so(public_key: str) -> None:
    with pytest.raises(wire.NotSigned, match="our verification key"):
        wire.verify(public_key, SIGNATURE, TIMESTAMP, b"")


def test_a_key_on_another_curve_is_said_to_be_so() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    der = other.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = "".join(der.decode().splitlines()[1:-1])
    with pytest.raises(wire.NotSigned, match="P-256"):
        wire.verify(text, SIGNATURE, TIMESTAMP, b"")


def test_what_we_sign_verifies_here_and_in_sendgrids_own_helper() -> None:
    key = ec.derive_private_key(SCALAR, ec.SECP256R1())
    body = wire.encode_events(ROWS)
    signature = wire.sign(key, TIMESTAMP, body)
    wire.verify(KEY, signature, TIMESTAMP, body)
    assert EventWebhook(KEY).verify_signature(body.decode(), signature, TIMESTAMP)


def test_errors_of_another_shape_are_none() -> None:
    assert wire.problems_in(None) == []
    assert wire.problems_in({"errors": "many"}) == []
    assert wire.problems_in({"errors": [{"message": "no", "field": None}]})[0].message == "no"
