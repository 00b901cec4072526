"""Signed and encrypted texts: links that expire, and secrets that must not lie in the clear."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from ffapp.core import config


class BadLink(ValueError):
    """The link was changed, or was never ours."""


class ExpiredLink(BadLink):
    """The link was ours and is too old."""


def sign(purpose: str, value: str) -> str:
    """A URL-safe token that carries `value` and can only be read back for the same purpose."""
    return _serializer(purpose).dumps(value)


def unsign(purpose: str, token: str, max_age_seconds: int) -> str:
    """What `sign` was given; raises ExpiredLink or BadLink."""
    try:
        return str(_serializer(purpose).loads(token, max_age=max_age_seconds))
    except SignatureExpired as error:
        raise ExpiredLink("This link is too old.") from error
    except BadSignature as error:
        raise BadLink("This link is not complete.") from error


def encrypt(text: str) -> str:
    """`text` so that only a process with the same SECRET_KEY can read it."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """What `encrypt` was given; raises BadLink when SECRET_KEY is another one."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise BadLink("This was encrypted with another SECRET_KEY.") from error


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    # The last one signs.
    keys = [*reversed(config.current().secret_key_fallbacks), config.current().secret_key]
    return URLSafeTimedSerializer(keys, salt=f"ffapp:{purpose}")


def _fernet() -> MultiFernet:
    keys = (config.current().secret_key, *config.current().secret_key_fallbacks)
    return MultiFernet([_fernet_of(each) for each in keys])


def _fernet_of(key: str) -> Fernet:
    digest = hashlib.sha256(b"ffapp:encrypt:" + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
