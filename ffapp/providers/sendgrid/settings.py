"""SendGrid's settings."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ffapp.providers.kit.settings import (
    BaseUrl,
    ProviderSettings,
    SettingWarning,
    Simulation,
    variable,
)


class SendGridSettings(ProviderSettings):
    key = "sendgrid"
    title = "SendGrid"

    api_key: str = variable("SENDGRID_API_KEY", "a key that may send mail", required=True)
    base_url: BaseUrl = variable(
        "SENDGRID_API_BASE_URL", "where the API answers", "https://api.sendgrid.com"
    )
    from_email: str = variable(
        "SENDGRID_FROM_EMAIL", "a verified sender", "hello@futurefounders.example"
    )
    from_name: str = variable("SENDGRID_FROM_NAME", "the name beside it", "Future Founders")
    webhook_public_key: str = variable(
        "SENDGRID_WEBHOOK_PUBLIC_KEY",
        "the signed event webhook's verification key",
        required=True,
    )

    @classmethod
    def simulated_values(cls, simulation: Simulation) -> dict[str, Any]:
        return {
            "api_key": "SG." + simulation.secret("sendgrid-key", 40),
            "base_url": f"{simulation.url}/sendgrid",
            "webhook_public_key": _public_key(simulation.secret_key),
        }

    def warnings(self) -> Iterator[SettingWarning]:
        if self.is_default("from_email"):
            yield SettingWarning(
                "SENDGRID_FROM_EMAIL",
                f"{self.from_email} is the example. Set it to a sender that is verified at"
                " SendGrid.",
                is_wrong=True,
            )


def simulated_signing_key(secret_key: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key with which the simulated SendGrid signs its event webhook."""
    digest = hashlib.sha256(f"simulator:sendgrid-events:{secret_key}".encode()).digest()
    return ec.derive_private_key(int.from_bytes(digest) >> 1, ec.SECP256R1())


def _public_key(secret_key: str) -> str:
    der = (
        simulated_signing_key(secret_key)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(der).decode()
