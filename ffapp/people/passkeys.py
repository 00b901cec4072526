"""Passkeys (WebAuthn) as a second factor. The library is imported when somebody uses one."""

import base64
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import structlog
from sqlalchemy import ForeignKey, Index, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock, config
from ffapp.core.db import Row, db
from ffapp.core.events import record
from ffapp.people.models import User

log = structlog.get_logger()


class Passkey(Row, db.Model):
    """`credential_id` and `public_key` are base64url."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("ix_passkeys_user", "user_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    credential_id: Mapped[str] = mapped_column(Text, unique=True)
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def are_possible() -> bool:
    """Browsers make passkeys for names only, over https, or on localhost."""
    parts = urlsplit(config.current().public_url)
    is_name = not (parts.hostname or "").replace(".", "").isdigit() and ":" not in _host()
    return parts.hostname == "localhost" or (parts.scheme == "https" and is_name)


def passkeys_of(user: User) -> Sequence[Passkey]:
    return db.session.scalars(
        select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)
    ).all()


def registration_options(user: User) -> tuple[str, str]:
    """What the browser needs to make a passkey (JSON), and the challenge to keep."""
    import webauthn

    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=config.current().programme_name,
        user_id=str(user.id).encode(),
        user_name=user.person.email,
        user_display_name=user.person.name,
        exclude_credentials=_descriptors(user),
    )
    return webauthn.options_to_json(options), _text(options.challenge)


def add_passkey(user: User, credential: str, challenge: str, name: str) -> bool:
    """Keep what the browser has made; False when it does not answer the challenge."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=config.current().public_url,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        log.warning("passkey.refused", error=type(error).__name__)
        return False
    db.session.add(
        Passkey(
            user_id=user.id,
            credential_id=_text(made.credential_id),
            public_key=_text(made.credential_public_key),
            sign_count=made.sign_count,
            name=name,
            created_at=clock.now(),
        )
    )
    record("factor_added", by=user.person, on=user.person, factor="passkey")
    return True


def authentication_options(user: User) -> tuple[str, str]:
    """What the browser needs to use one of the user's passkeys (JSON), and the challenge."""
    import webauthn

    options = webauthn.generate_authentication_options(
        rp_id=_host(), allow_credentials=_descriptors(user)
    )
    return webauthn.options_to_json(options), _text(options.challenge)


def check_passkey(user: User, credential: str, challenge: str) -> bool:
    """Whether the browser has answered the challenge with a passkey of this user."""
    import webauthn
    from webauthn.helpers import parse_authentication_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        answer = parse_authentication_credential_json(credential)
        row = db.session.scalar(
            select(Passkey)
            .where(Passkey.user_id == user.id, Passkey.credential_id == _text(answer.raw_id))
            .with_for_update()
        )
        if row is None:
            return False
        used = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=config.current().public_url,
            credential_public_key=_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        log.warning("passkey.refused", error=type(error).__name__)
        return False
    row.sign_count, row.used_at = used.new_sign_count, clock.now()
    return True


def remove_passkey(user: User, passkey_id: int) -> bool:
    removed = db.session.execute(
        delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user.id)
    )
    if removed.rowcount:  # type: ignore[attr-defined]
        record("factor_removed", by=user.person, on=user.person, factor="passkey")
        return True
    return False


def _descriptors(user: User) -> list[object]:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [
        PublicKeyCredentialDescriptor(id=_bytes(each.credential_id)) for each in passkeys_of(user)
    ]


def _host() -> str:
    return urlsplit(config.current().public_url).hostname or ""


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
